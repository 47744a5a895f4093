// The point up to which a search has looked.

/// Where a search goes on. It holds all that the server has to know, and is good on another instance, another host, and
/// after a restart.
///
/// Over all conversations a search walks along their activity, the latest first. One that becomes active meanwhile moves
/// to the front, past which the walk is already: so behind the walk's end come those that have been active since the
/// search began, by their ids, which no activity changes. Whatever the walk has not met is among them: where a
/// conversation's activity is older at the walk's end, it has not moved, and the walk has come by.
public struct SearchCursor: Hashable, Sendable {
    /// A message's place in its conversation. What is older lies before it.
    struct MessagePosition: Hashable, Comparable, Sendable {
        /// Milliseconds since 1970.
        var time: Int64
        /// `orbia_message.id`.
        var id: Int64

        /// The newest message lies before it.
        static let end = MessagePosition(time: latestTime, id: .max)

        static func < (one: MessagePosition, other: MessagePosition) -> Bool {
            (one.time, one.id) < (other.time, other.id)
        }
    }

    /// The conversation that is being searched.
    struct Inside: Hashable, Sendable {
        /// `orbia_conversation.id`.
        var conversation: Int64
        /// The messages before this place are left.
        var before: MessagePosition
    }

    /// The conversations that are left.
    enum Walk: Hashable, Sendable {
        /// None: one conversation is searched.
        case oneConversation
        /// Those with an earlier activity, by that.
        case byActivity(below: ChangeCursor.Position)
        /// Those with a smaller id that have been active since the search began, by that.
        case again(below: Int64)
    }

    /// A conversation that has been told whole, and its activity then in milliseconds since 1970.
    struct Told: Hashable, Sendable {
        var conversation: Int64
        var activity: Int64
    }

    /// The last millisecond of the year 9999: later than every time that a database can have.
    static let latestTime: Int64 = 253_402_300_799_999
    /// Behind every conversation with activity.
    static let latestActivity = ChangeCursor.Position(time: latestTime, conversation: .max)
    /// The most conversations that a cursor names as told.
    static let toldLimit = 64

    /// Which search it belongs to.
    let search: UInt32
    /// The database's time when the search began, in milliseconds since 1970; 0: it has not, or has one conversation.
    var start: Int64 = 0
    var walk: Walk
    var inside: Inside?
    /// How many messages the next statement is to look at; nil: as many as usual. Fewer, where statements took too long.
    var step: Int?
    /// Conversations that were active about when the search began, and that need not be looked at again unless they are
    /// active since. Which of them are missing here is told twice.
    var told: [Told] = []

    /// The beginning of a search.
    init(of search: MessageSearch) {
        self.search = search.fingerprint
        walk = search.conversation == nil ? .byActivity(below: Self.latestActivity) : .oneConversation
    }

    /// Whether a search goes on here.
    public func belongs(to search: MessageSearch) -> Bool {
        self.search == search.fingerprint && (walk == .oneConversation) == (search.conversation != nil)
    }

    /// Changes of this time and later ones may have been committed after the search began.
    var activeSince: Int64 { max(0, start - ChangeCursor.overlap) }
}
