// The point up to which a client knows the changes of a user's conversations.

/// A conversation of a user's with the times of its newest changes, in milliseconds since 1970. A change that lies before
/// the cursor's start is 0.
struct ChangedConversation: Hashable {
    var id: Int64
    /// The time of the newest message.
    var activity: Int64
    /// The time of the newest change of another kind.
    var change: Int64

    /// The order in which changes are told.
    var position: ChangeCursor.Position { .init(time: max(activity, change), conversation: id) }

    /// The same conversation, seen from a later start.
    func since(_ start: Int64) -> ChangedConversation {
        ChangedConversation(id: id, activity: activity >= start ? activity : 0, change: change >= start ? change : 0)
    }

    /// A number that is another one after each change. It has to be the same in each process.
    var version: UInt32 {
        var hash = UInt64(bitPattern: id)
        for part in [activity, change] {
            hash = (hash ^ UInt64(bitPattern: part)) &* 0x9E37_79B9_7F4A_7C15
            hash ^= hash >> 29
        }
        return UInt32(truncatingIfNeeded: hash >> 32)
    }
}

/// What a client has been told of a user's conversations.
///
/// A time alone would lose changes: they are not committed in the order of their times. So a look goes back by
/// `overlap` behind the time of the last one, and the cursor carries what that part had told already, with the version in
/// which it was told: each conversation where they are few, else a digest of them.
public struct ChangeCursor: Hashable, Sendable {
    /// A place in the order of changes.
    struct Position: Hashable, Comparable, Sendable {
        var time: Int64
        var conversation: Int64

        static func < (one: Position, other: Position) -> Bool {
            (one.time, one.conversation) < (other.time, other.conversation)
        }
    }

    /// The conversations that were told already, among those that have changed since `start`.
    enum Told: Hashable, Sendable {
        /// Each of them, with its version.
        case conversations([Int64: UInt32])
        /// The sums of their versions, by the remainder of their ids, up to a position. Where a sum has changed, all of
        /// its conversations are told again.
        case digest(sums: [UInt32], upTo: Position)
    }

    /// How far a look goes back behind the time of the last one, in milliseconds: a transaction commits at most 60 s
    /// after the time of its change, and the clocks of two hosts are at most 1 s apart; and a second to spare.
    static let overlap: Int64 = 62_000
    /// The greatest age of a start in milliseconds. Of older changes the database does not keep all.
    static let maximumAge: Int64 = 24 * 3_600_000
    /// How far a cursor may be ahead of a database's clock in milliseconds, where it comes from another host.
    private static let clockTolerance: Int64 = 2_000
    /// How many sums a digest has.
    static let sumCount = 64

    /// The database's time when this was known, in milliseconds since 1970.
    let time: Int64
    /// Only changes from here on are looked at.
    let start: Int64
    let told: Told

    init(time: Int64, start: Int64, told: Told) {
        self.time = time
        self.start = start
        self.told = told
    }

    /// Whether the database can tell what has changed since.
    ///
    /// - Parameter now: the database's time.
    func canBeFollowed(at now: Int64) -> Bool {
        time <= now + Self.clockTolerance && start >= now - Self.maximumAge
    }

    /// The changes that the client has not been told, in their order; nil where the database has gone back to an earlier
    /// state.
    ///
    /// - Parameter rows: all of the user's conversations that have changed since `start`.
    func untold(of rows: [ChangedConversation]) -> [ChangedConversation]? {
        var untold: [ChangedConversation]
        switch told {
        case .conversations(var versions):
            untold = rows.filter { versions.removeValue(forKey: $0.id) != $0.version }
            guard versions.isEmpty else { return nil }
        case .digest(let sums, let end):
            let found = Self.sums(of: rows.filter { $0.position <= end })
            untold = rows.filter { $0.position > end || found[Self.place(of: $0.id)] != sums[Self.place(of: $0.id)] }
        }
        untold.sort { $0.position < $1.position }
        return untold
    }

    /// The cursor behind an answer.
    ///
    /// - Parameters:
    ///   - now: the database's time before the answer was read.
    ///   - rows: the conversations that the client has been told, by this answer or before, of those that have changed
    ///     within `overlap`; others do no harm.
    ///   - end: the position of the last one that this answer tells, where there are more to tell; nil: there are not.
    init(at now: Int64, told rows: [ChangedConversation], upTo end: Position? = nil) {
        let start = min(now - Self.overlap, end?.time ?? .max)
        let rows = rows.map { $0.since(start) }.filter { $0.activity > 0 || $0.change > 0 }
        self.init(time: now, start: start, told: .conversations([:]))
        let exact = ChangeCursor(
            time: now,
            start: start,
            told: .conversations(Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.version) }))
        )
        if exact.bytes.count <= Self.maximumSize {
            self = exact
        } else {
            let last = end ?? rows.map(\.position).max() ?? Position(time: now, conversation: 0)
            let told = Told.digest(sums: Self.sums(of: rows.filter { $0.position <= last }), upTo: last)
            self.init(time: now, start: start, told: told)
        }
    }

    private static func sums(of rows: [ChangedConversation]) -> [UInt32] {
        rows.reduce(into: [UInt32](repeating: 0, count: sumCount)) { sums, row in
            sums[place(of: row.id)] &+= row.version
        }
    }

    private static func place(of conversation: Int64) -> Int {
        Int(conversation.magnitude % UInt64(sumCount))
    }
}
