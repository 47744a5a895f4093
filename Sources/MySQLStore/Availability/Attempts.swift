// Whether, where and when a call of the store is tried again.

internal import Runtime

/// The attempts of one call of the store, until one has succeeded, or another one would gain nothing. It is a value
/// without clock or I/O: what ended an attempt goes in, the next step comes out.
struct Attempts {
    /// The kind of work that is attempted.
    enum Work: Hashable {
        /// Statements that change nothing, and wait for no lock.
        case reading
        /// A routine that is idempotent, by a send's key or by its nature.
        case writing
    }

    /// What to do about an attempt that failed.
    enum Step: Hashable {
        /// Run the statements again after a pause, on the host that is to be used then.
        case retry(after: Interval)
        /// Read whether the work was done. Where it was not, and the statement is known to be over, ask
        /// `stepAfterNothingWasFound`.
        case verify
        case giveUp
    }

    /// How an attempt failed.
    struct Failure: Hashable {
        var meaning: DatabaseError.Meaning
        /// How long the attempt took.
        var duration: Interval
        /// Whether requests no longer go to the host that the attempt ran on: they go to another one, or to none.
        var hasLeftHost: Bool
    }

    struct Limits: Hashable {
        /// A write begins only where at least this much time is left before the deadline. It is the server's own limit
        /// of a statement, so that the server has finished or stopped the write before the caller is answered: a write
        /// that is answered with an error is not done after that answer.
        var timeForWrite: Interval
        /// The longest duration of a failed attempt that is tried again on the same host. A host that let one wait for
        /// longer would let the next one wait, too.
        var longestRetriedFailure: Interval
        /// How long a read is tried again that meets a locked table, since an ALTER waits or works. A trigger that is made, or
        /// an ALTER that takes no copy, has its table for less, also on a busy machine, and no read is to fail by it.
        var lockedTableRetries = Interval.milliseconds(400)
        var attempts = 8
    }

    let work: Work
    /// When the caller's time is over.
    let deadline: Instant
    let limits: Limits
    private(set) var number = 1
    /// Whether an earlier attempt may have done the work. Finding it done is then a success.
    private(set) var isInDoubt = false
    private let begun: Instant

    init(_ work: Work, until deadline: Instant, _ limits: Limits, at now: Instant) {
        self.work = work
        self.deadline = deadline
        self.limits = limits
        begun = now
    }

    /// Whether there is time for an attempt.
    func hasTime(at now: Instant) -> Bool {
        now + (work == .writing ? limits.timeForWrite : .zero) < deadline
    }

    /// Decides what follows from a failed attempt.
    ///
    /// - Parameter jitter: a random number from 0 to 1, so that callers who were in each other's way do not meet again.
    mutating func step(after failure: Failure, at now: Instant, jitter: Double) -> Step {
        if work == .writing, failure.meaning.mayHaveCommitted { isInDoubt = true }
        if work == .writing, failure.meaning == .stopped { return verifyOrGiveUp(at: now) }
        guard isWorthRetrying(failure, at: now) else { return verifyOrGiveUp(at: now) }
        let pause = pause(after: failure, jitter: jitter)
        guard number < limits.attempts || isBoundByTime(failure), hasTime(at: now + pause) else {
            return verifyOrGiveUp(at: now)
        }
        number += 1
        return .retry(after: pause)
    }

    /// Decides what follows where verifying has found nothing done, and the statement is over.
    mutating func stepAfterNothingWasFound(at now: Instant) -> Step {
        guard number < limits.attempts, hasTime(at: now) else { return .giveUp }
        number += 1
        isInDoubt = false
        return .retry(after: .zero)
    }

    private func verifyOrGiveUp(at now: Instant) -> Step {
        isInDoubt && now < deadline ? .verify : .giveUp
    }

    private func isWorthRetrying(_ failure: Failure, at now: Instant) -> Bool {
        switch failure.meaning {
        case .lockConflict: work == .writing || now - begun < limits.lockedTableRetries
        case .connectionLost: failure.hasLeftHost || failure.duration < limits.longestRetriedFailure
        case .hostFault: failure.hasLeftHost
        case .statementStale: true
        case .stopped, .notSent, .permanent: false
        }
    }

    /// Whether time alone ends the attempts: those of a read that meets a locked table.
    private func isBoundByTime(_ failure: Failure) -> Bool {
        work == .reading && failure.meaning == .lockConflict
    }

    /// The pause is short after a conflict between writers, and longer for a read that waits for a locked table.
    private func pause(after failure: Failure, jitter: Double) -> Interval {
        let longest: Interval = isBoundByTime(failure) ? .milliseconds(40) : .milliseconds(2)
        return .microseconds(Int64(Double(longest.microseconds) * Double(min(number, 4)) / 2 * jitter))
    }
}
