// Whether, where and when a call of the store's is tried again.

internal import Runtime

/// The attempts of one call, until it has succeeded, or nothing is gained by another one. A value without clock
/// or I/O: what ended an attempt goes in, what to do comes out.
struct Attempts {
    /// What kind of work is attempted.
    enum Work: Hashable {
        /// Statements that change nothing, and wait for no lock.
        case reading
        /// A routine that does nothing twice (by a send's key, or by its nature).
        case writing
    }

    /// What to do about an attempt that failed.
    enum Step: Hashable {
        /// Run it again, on whichever host is to be used then, after a pause.
        case again(after: Interval)
        /// Look whether it was done; where it was not, and the statement is known to be over, try again.
        case settle
        case giveUp
    }

    /// How an attempt ended.
    struct Failure: Hashable {
        var meaning: DatabaseError.Meaning
        /// How long it took.
        var lasted: Interval
        /// Another host than the one that it ran on is to be used now.
        var hasMoved: Bool
    }

    let work: Work
    /// When the caller's time is over.
    let deadline: Instant
    let limits: Limits
    private(set) var number = 1
    /// An attempt may have been the one that did it: then finding it done is no surprise.
    private(set) var mayBeDone = false
    private let begun: Instant

    struct Limits: Hashable {
        /// What a write must have left before the deadline when it begins: the server's own limit of a
        /// statement, so that a caller who has been told that it failed does not find it done later on.
        var writing: Interval
        /// A host that let an attempt wait for longer would only be waited for again.
        var waiting: Interval
        /// How long a read is tried that meets with a lock on a table (an ALTER waits or works).
        var tableLock = Interval.milliseconds(150)
        var attempts = 8
    }

    init(_ work: Work, until deadline: Instant, _ limits: Limits, at now: Instant) {
        self.work = work
        self.deadline = deadline
        self.limits = limits
        begun = now
    }

    /// Whether there is time for an attempt.
    func hasTime(at now: Instant) -> Bool {
        now + (work == .writing ? limits.writing : .zero) < deadline
    }

    /// - Parameter draw: a random number from 0 to 1: those who got in each other's way would meet again.
    mutating func step(after failure: Failure, at now: Instant, draw: Double) -> Step {
        if work == .writing, failure.meaning.mayComeWithTheCommit { mayBeDone = true }
        if work == .writing, failure.meaning == .stopped { return settleOrGiveUp(at: now) }
        guard isWorthAnother(failure, at: now) else { return settleOrGiveUp(at: now) }
        let pause = pause(after: failure, draw: draw)
        guard number < limits.attempts, hasTime(at: now + pause) else { return settleOrGiveUp(at: now) }
        number += 1
        return .again(after: pause)
    }

    /// Called where settling has shown that nothing was done, and the statement is over.
    mutating func stepAfterNothingWasDone(at now: Instant) -> Step {
        guard number < limits.attempts, hasTime(at: now) else { return .giveUp }
        number += 1
        mayBeDone = false
        return .again(after: .zero)
    }

    private func settleOrGiveUp(at now: Instant) -> Step {
        mayBeDone && now < deadline ? .settle : .giveUp
    }

    private func isWorthAnother(_ failure: Failure, at now: Instant) -> Bool {
        switch failure.meaning {
        case .undone: work == .writing || now - begun < limits.tableLock
        case .lost: failure.hasMoved || failure.lasted < limits.waiting
        case .hostFault: failure.hasMoved
        case .stale: true
        case .stopped, .outOfTime, .refused: false
        }
    }

    private func pause(after failure: Failure, draw: Double) -> Interval {
        // A read waits for its table: there is no hurry. Anybody else has been in somebody's way.
        let most: Interval = work == .reading && failure.meaning == .undone ? .milliseconds(40) : .milliseconds(2)
        return .microseconds(Int64(Double(most.microseconds) * Double(min(number, 4)) / 2 * draw))
    }
}
