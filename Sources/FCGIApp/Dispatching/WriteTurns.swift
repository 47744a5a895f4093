// Who may write: a bounded number of writers in all, and fewer in one conversation.

/// The turns of writers. A writer that gets none is parked, and holds no worker while it waits.
///
/// The database's lock on the conversation's row is what orders writes; writers of other processes meet there
/// alone. These turns keep that lock, and whatever else blocks writes, from holding all workers of this process.
///
/// Invariants: `inProgress` is the sum of the conversations' writers and at most `limits.writers`; `parkedCount` is
/// the sum of their parked requests; a conversation without either has no entry.
struct WriteTurns {
    /// Bounds on writers and on those that wait.
    struct Limits: Hashable, Sendable {
        /// Writers at once. Fewer than there are workers, so that some workers serve reads alone.
        var writers: Int
        /// Writers at once in one conversation.
        var writersOfConversation: Int
        /// Parked requests in all.
        var parked: Int
        /// Parked requests of one conversation.
        var parkedOfConversation: Int
    }

    private struct Conversation {
        var writers = 0
        var parked = 0
    }

    private let limits: Limits
    /// By `orbia_conversation.id`.
    private var conversations: [Int64: Conversation] = [:]
    /// Writers at this moment.
    private(set) var inProgress = 0
    /// Requests that are parked at this moment.
    private(set) var parkedCount = 0

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// Whether any conversation could get a turn now.
    var hasTurns: Bool { inProgress < limits.writers }

    /// Takes a turn; false where there is none, or others wait for it.
    mutating func take(_ conversation: Int64) -> Bool {
        guard hasTurns else { return false }
        let found = conversations[conversation, default: Conversation()]
        guard found.parked == 0, found.writers < limits.writersOfConversation else { return false }
        begin(conversation)
        return true
    }

    /// Gives a turn back.
    mutating func giveBack(_ conversation: Int64) {
        inProgress -= 1
        change(conversation) { $0.writers -= 1 }
    }

    /// Counts a request as parked; false where too many are.
    mutating func park(_ conversation: Int64) -> Bool {
        let parked = conversations[conversation]?.parked ?? 0
        guard parkedCount < limits.parked, parked < limits.parkedOfConversation else { return false }
        parkedCount += 1
        change(conversation) { $0.parked += 1 }
        return true
    }

    /// Counts a parked request as gone.
    mutating func unpark(_ conversation: Int64) {
        parkedCount -= 1
        change(conversation) { $0.parked -= 1 }
    }

    /// Gives a turn to the first request that is parked for the conversation; false where there is no turn.
    mutating func resume(_ conversation: Int64) -> Bool {
        guard hasTurns, let found = conversations[conversation], found.writers < limits.writersOfConversation else {
            return false
        }
        unpark(conversation)
        begin(conversation)
        return true
    }

    private mutating func begin(_ conversation: Int64) {
        inProgress += 1
        change(conversation) { $0.writers += 1 }
    }

    private mutating func change(_ conversation: Int64, _ change: (inout Conversation) -> Void) {
        change(&conversations[conversation, default: Conversation()])
        if let left = conversations[conversation], left.writers == 0, left.parked == 0 {
            conversations[conversation] = nil
        }
    }
}

extension WriteTurns.Limits {
    /// Two, since the next writer's way to the database then overlaps with the last one's way to the disk: InnoDB
    /// lets the row go before the log is flushed.
    private static let overlap = 2

    /// Bounds that follow from the number of workers: of two or more, a quarter serves reads alone, and at least one.
    init(workers: Int, parked: Int, parkedOfConversation: Int) {
        writers = workers < 2 ? 1 : workers - max(1, workers / 4)
        writersOfConversation = min(Self.overlap, writers)
        self.parked = parked
        self.parkedOfConversation = parkedOfConversation
    }
}
