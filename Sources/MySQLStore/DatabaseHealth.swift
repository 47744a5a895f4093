// Whether a host of the database answers, as all workers of a process know it together.

internal import Synchronization

/// Keeps the workers from waiting one after another for a database that has fallen silent.
///
/// A database that is gone refuses connections, which takes no time. One that stands still, or that
/// the network lost, lets each request wait for its time-out, and the requests behind it for all of
/// theirs. So when a worker has waited in vain, and no other has heard from the database meanwhile,
/// requests fail at once for a second. The first one after that tries again, while the others still
/// fail at once; what it finds holds for all.
final class DatabaseHealth: Sendable {
    /// When a worker was last answered, with whatever it was.
    private let lastAnswer = Atomic(Instant.now.nanoseconds)
    /// Requests fail at once before this; `well`: the database is thought to be well. Nearly always it is,
    /// and then nothing else is looked at: every request comes by here, twice.
    private let silentUntil = Atomic(DatabaseHealth.well)

    private static let well: Int64 = 0
    private static let pause = Interval.seconds(1)
    /// Of the clock that a time-out is measured with.
    static let tolerance = Interval.milliseconds(20)
    /// How long one request may take to find out: to connect, and to be answered.
    private let trial: Interval

    /// The host is thought to be well.
    ///
    /// - Parameter deadline: how long a request may take.
    init(deadline: Interval) {
        trial = deadline
    }

    /// Called before the database is asked for something; gives the time.
    func begin() throws(DatabaseError) -> Instant {
        let now = Instant.now
        let silent = silentUntil.load(ordering: .relaxed)
        if silent == Self.well { return now }
        // The first one to come after that time tries; the others fail until it knows more.
        guard now.nanoseconds >= silent,
            silentUntil.compareExchange(
                expected: silent,
                desired: (now + trial).nanoseconds,
                ordering: .relaxed
            ).exchanged
        else { throw .silent }
        return now
    }

    /// Called when it has answered, be it with an error.
    func answered() {
        lastAnswer.store(Instant.now.nanoseconds, ordering: .relaxed)
        if silentUntil.load(ordering: .relaxed) != Self.well { silentUntil.store(Self.well, ordering: .relaxed) }
    }

    /// Called when the connection was lost, or could not be made, in an attempt that began at `start`.
    ///
    /// - Parameter timeout: after how long such an attempt is given up. One that ended earlier was ended
    ///   by the database, or by the kernel of its host.
    func failed(since start: Instant, timeout: Interval) {
        let now = Instant.now
        if now - start < timeout - Self.tolerance {
            silentUntil.store(Self.well, ordering: .relaxed)
        } else if lastAnswer.load(ordering: .relaxed) < start.nanoseconds {
            silentUntil.store((now + Self.pause).nanoseconds, ordering: .relaxed)
        }
    }
}

extension DatabaseError {
    static let silent = DatabaseError(
        code: .serverLost,
        sqlState: "HY000",
        message: "the database has not answered others; not asked"
    )
}
