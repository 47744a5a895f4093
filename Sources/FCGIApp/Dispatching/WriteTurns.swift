// Who may write: a bounded number of writers in all, and fewer in one conversation.

/// The permits of writers, and the turns of conversations. A write without a permit waits in a queue of its own; one
/// whose conversation has no turn is parked. Neither holds a worker while it waits.
///
/// The database's lock on the conversation's row is what orders writes; writers of other processes meet there
/// alone. This here keeps that lock, and whatever else blocks writes, from holding all workers of this process.
///
/// Invariants: `inProgress` is at most `limits.writers`; `parkedCount` is the sum of the conversations' parked requests;
/// a conversation without writer and parked request has no entry.
struct WriteTurns {
    /// Bounds on writers and on those that wait.
    struct Limits: Hashable, Sendable {
        /// Writers at once. Fewer than there are workers, so that some workers serve reads alone.
        var writers: Int
        /// Writers at once in one conversation.
        var writersOfConversation: Int
        /// Writes that wait, for a permit or parked.
        var waiting: Int
        /// Parked requests of one conversation.
        var parkedOfConversation: Int
    }

    private struct Conversation {
        var writers = 0
        var parked = 0
    }

    let limits: Limits
    /// By `orbia_conversation.id`.
    private var conversations: [Int64: Conversation] = [:]
    /// Permits that are taken.
    private(set) var inProgress = 0
    /// Requests that are parked.
    private(set) var parkedCount = 0

    init(_ limits: Limits) {
        self.limits = limits
    }

    // MARK: Permits

    /// How many more writers there may be.
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

    /// Takes a turn, for which there is a permit already; false where there is none, or others wait for it.
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
    /// - Parameter queued: writes that wait for a permit.
    mutating func park(_ conversation: Int64, beside queued: Int) -> Bool {
        let parked = conversations[conversation]?.parked ?? 0
        guard parkedCount + queued < limits.waiting, parked < limits.parkedOfConversation else { return false }
        parkedCount += 1
        change(conversation) { $0.parked += 1 }
        return true
    }

    /// Counts a parked request as gone.
    mutating func unpark(_ conversation: Int64) {
        parkedCount -= 1
        change(conversation) { $0.parked -= 1 }
    }

    /// Gives a permit and a turn to the first request that is parked for the conversation; false where there is none.
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
    /// Two, since the next writer's way to the database then overlaps with the last one's way to the disk: InnoDB
    /// lets the row go before the log is flushed.
    private static let overlap = 2

    /// Bounds that follow from the number of workers: of two or more, a quarter serves reads alone, and at least one.
    init(workers: Int, waiting: Int, parkedOfConversation: Int) {
        writers = workers < 2 ? 1 : workers - max(1, workers / 4)
        writersOfConversation = min(Self.overlap, writers)
        self.waiting = waiting
        self.parkedOfConversation = parkedOfConversation
    }
}
