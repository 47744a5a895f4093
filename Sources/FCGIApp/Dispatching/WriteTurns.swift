// The bounds on writers: a number of them in all, and a smaller one for each conversation.

/// Counts the permits of writers and the turns of conversations. A write needs both: without a permit it waits in the
/// queue of writes, and without a turn it is parked. Neither holds a worker while it waits.
///
/// What orders the writes to a conversation is the database's lock on its row, which other processes take as well.
/// These bounds only keep that lock, and whatever else blocks writes, from holding all workers of this process.
///
/// Invariants: `inProgress` is at most `limits.writers`; `parkedCount` is the sum of the conversations' parked requests;
/// a conversation without writer and parked request has no entry.
struct WriteTurns {
    /// Bounds on writers, and on writes that wait.
    struct Limits: Hashable, Sendable {
        /// The most writers at once. There are fewer of them than workers, so that some workers serve reads alone.
        var writers: Int
        /// The most writers at once in one conversation.
        var writersOfConversation: Int
        /// The most writes that wait, in the queue or parked.
        var waiting: Int
        /// The most parked requests of one conversation.
        var parkedOfConversation: Int
    }

    private struct Conversation {
        var writers = 0
        var parked = 0
    }

    let limits: Limits
    /// The conversations that somebody writes to or waits for, by `orbia_conversation.id`.
    private var conversations: [Int64: Conversation] = [:]
    /// How many permits are taken.
    private(set) var inProgress = 0
    /// How many requests are parked.
    private(set) var parkedCount = 0

    init(_ limits: Limits) {
        self.limits = limits
    }

    // MARK: Permits

    /// How many permits can be taken.
    var permitsLeft: Int { limits.writers - inProgress }

    /// Takes a permit; false where there is none.
    mutating func takePermit() -> Bool {
        guard permitsLeft > 0 else { return false }
        inProgress += 1
        return true
    }

    mutating func givePermitBack() {
        inProgress -= 1
    }

    // MARK: Turns of a conversation

    /// Takes a turn for a request that has a permit; false where there is none, or parked requests wait for it.
    mutating func take(_ conversation: Int64) -> Bool {
        guard conversations[conversation]?.parked ?? 0 == 0, hasTurn(conversation) else { return false }
        change(conversation) { $0.writers += 1 }
        return true
    }

    mutating func giveBack(_ conversation: Int64) {
        change(conversation) { $0.writers -= 1 }
    }

    /// Counts a request as parked; false where too many wait.
    ///
    /// - Parameter queued: how many writes wait for a permit.
    mutating func park(_ conversation: Int64, beside queued: Int) -> Bool {
        let parked = conversations[conversation]?.parked ?? 0
        guard parkedCount + queued < limits.waiting, parked < limits.parkedOfConversation else { return false }
        parkedCount += 1
        change(conversation) { $0.parked += 1 }
        return true
    }

    /// Counts a parked request no longer.
    mutating func unpark(_ conversation: Int64) {
        parkedCount -= 1
        change(conversation) { $0.parked -= 1 }
    }

    /// Takes a permit and a turn for the first request that is parked for the conversation; false where there is none.
    mutating func resume(_ conversation: Int64) -> Bool {
        guard hasTurn(conversation), takePermit() else { return false }
        unpark(conversation)
        change(conversation) { $0.writers += 1 }
        return true
    }

    private func hasTurn(_ conversation: Int64) -> Bool {
        conversations[conversation]?.writers ?? 0 < limits.writersOfConversation
    }

    private mutating func change(_ conversation: Int64, _ change: (inout Conversation) -> Void) {
        change(&conversations[conversation, default: Conversation()])
        if let left = conversations[conversation], left.writers == 0, left.parked == 0 {
            conversations[conversation] = nil
        }
    }
}

extension WriteTurns.Limits {
    /// A conversation has two writers, since InnoDB unlocks the row before it flushes its log: the second writer's way
    /// to the database then overlaps with the first one's way to the disk.
    private static let writersOfConversation = 2

    /// Derives the writers from the number of workers: of two or more, a quarter serves reads alone, and at least one.
    init(workers: Int, waiting: Int, parkedOfConversation: Int) {
        writers = workers < 2 ? 1 : workers - max(1, workers / 4)
        writersOfConversation = min(Self.writersOfConversation, writers)
        self.waiting = waiting
        self.parkedOfConversation = parkedOfConversation
    }
}
