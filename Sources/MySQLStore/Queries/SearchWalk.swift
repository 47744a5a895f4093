// The way of one call of a search through messages.

internal import Runtime

/// Looks through messages in the order of a search, step by step, until as many are found as are asked for, all is looked
/// through, or `SearchPace` ends the call. It reads no contents: what was found is read, and access to it checked, by the
/// statement that the answer is made of. `SearchWalk+Conversations.swift` has the way through several conversations.
struct SearchWalk {
    /// A number of consecutive messages of a conversation, the newest first.
    struct Step {
        /// Its messages lie before it.
        var begin: SearchCursor.MessagePosition
        /// Its last message; nil: the conversation's first one.
        var end: SearchCursor.MessagePosition?
    }

    private struct Looked {
        var step: Step
        var hits: [SearchHit]
        /// What the service has read; nil: the server has looked.
        var read: SearchPace.ReadContents?
    }

    /// The messages that were found, in the search's order.
    private(set) var hits: [SearchHit] = []
    /// Where the search goes on.
    var cursor: SearchCursor
    /// Whether all is looked through.
    var isFinished = false
    let statements: SearchStatements
    let target: SearchTarget
    let userID: Int64
    private let connection: Connection
    private let limit: Int
    var pace: SearchPace
    /// Whether a statement has looked at messages. Each call has one, so that each gets on.
    private var hasLooked = false

    init(
        _ search: MessageSearch,
        for userID: Int64,
        from cursor: SearchCursor?,
        limit: Int,
        _ pace: SearchPace,
        _ statements: PreparedStatements
    ) {
        self.cursor = cursor ?? SearchCursor(of: search)
        self.statements = statements.search
        connection = statements.connection
        target = SearchTarget(search)
        self.userID = userID
        self.limit = limit
        self.pace = pace
    }

    /// How many more messages there is room for.
    var room: Int { limit - hits.count }
    var mayGoOn: Bool { room > 0 && (!hasLooked || pace.mayGoOn(at: .now)) }

    /// Searches a conversation, where the user may read it.
    mutating func run(in conversation: ConversationReference) throws(StoreError) {
        let begin = cursor.inside?.before ?? .end
        let found = try statements.conversation.conversation(conversation, for: userID, from: begin, step: pace.step)
        cursor.inside = SearchCursor.Inside(conversation: found.id, before: begin)
        try searchInside(firstStep: Step(begin: begin, end: found.end))
        isFinished = cursor.inside == nil
        cursor.step = pace.stepToKeep
    }

    /// Searches what is left of the conversation that the cursor is inside of. At its end the cursor is outside.
    ///
    /// - Parameter firstStep: the first step, where that is known.
    mutating func searchInside(firstStep: Step? = nil) throws(StoreError) {
        var known = firstStep
        while let inside = cursor.inside, mayGoOn {
            let (statements, target, userID, room) = (statements, target, userID, room)
            let (step, size, isSlow) = (known, pace.step, pace.isSlow)
            known = nil
            let started = Instant.now
            let looked = try unlessStopped { () throws(DatabaseError) -> Looked in
                let step =
                    if let step { step } else {
                        try statements.step(in: inside.conversation, from: inside.before, size)
                    }
                if isSlow {
                    let all = try statements.hits(of: target.ofAnyContent, in: inside.conversation, step, limit: size)
                    let (hits, read) = try statements.hits(all, containing: target.query, for: userID)
                    return Looked(step: step, hits: hits, read: read)
                }
                // One message more than there is room for tells whether there are more.
                let hits = try statements.hits(of: target, in: inside.conversation, step, limit: room + 1)
                return Looked(step: step, hits: hits)
            }
            guard let looked else { continue }
            if let read = looked.read {
                pace.lookedItself(at: size, read, for: .now - started)
            } else {
                pace.looked(at: size, for: .now - started)
            }
            add(looked.hits.prefix(room))
            if looked.hits.count > room {
                cursor.inside?.before = looked.hits[room - 1].position
            } else if let end = looked.step.end {
                cursor.inside?.before = end
            } else {
                cursor.inside = nil
            }
        }
    }

    mutating func add(_ found: some Sequence<SearchHit>) {
        hits += found
    }

    /// Runs statements that look at messages; nil where the server has stopped one for its time.
    mutating func unlessStopped<Value>(
        _ body: () throws(DatabaseError) -> Value
    ) throws(StoreError) -> Value? {
        hasLooked = true
        do throws(DatabaseError) {
            return try body()
        } catch {
            guard error.meaning == .stopped, connection.rollBack() else { throw .failed(error) }
            pace.stopped()
            return nil
        }
    }
}
