// Whether the database answers, as all workers of a process know it together.

internal import Synchronization

/// Keeps the workers from waiting one after another for a database that has fallen silent.
///
/// A database that is gone refuses connections, which takes no time. One that stands still, or that
/// the network lost, lets each request wait for its time-out, and the requests behind it for all of
/// theirs. So when a worker has waited in vain, and no other has heard from the database meanwhile,
/// requests fail at once for a second. The first one after that tries again, while the others still
/// fail at once; what it finds holds for all.
public final class DatabaseHealth: Sendable {
    private struct State {
        /// When a worker was last answered, with whatever it was.
        var lastAnswer: ContinuousClock.Instant
        /// Requests fail at once before this; nil: the database is thought to be well.
        var silentUntil: ContinuousClock.Instant?
    }

    private let state = Mutex(State(lastAnswer: .now, silentUntil: nil))

    private static let pause = Duration.seconds(1)
    /// Of the clock that a time-out is measured with.
    private static let tolerance = Duration.milliseconds(20)
    /// How long one request may take to find out: to connect, and to be answered.
    private let trial: Duration

    /// The database is thought to be well.
    ///
    /// - Parameter deadline: how long a request may take.
    public init(deadline: Duration) {
        trial = deadline
    }

    /// Called before the database is asked for something; gives the time.
    func begin() throws(DatabaseError) -> ContinuousClock.Instant {
        let now = ContinuousClock.now
        let mayTry = state.withLock { state in
            guard let silentUntil = state.silentUntil else { return true }
            guard now >= silentUntil else { return false }
            state.silentUntil = now + trial
            return true
        }
        guard mayTry else { throw .silent }
        return now
    }

    /// Called when it has answered, be it with an error.
    func answered() {
        let now = ContinuousClock.now
        state.withLock { state in
            state.lastAnswer = now
            state.silentUntil = nil
        }
    }

    /// Called when the connection was lost, or could not be made, in an attempt that began at `start`.
    ///
    /// - Parameter timeout: after how long such an attempt is given up. One that ended earlier was ended
    ///   by the database, or by the kernel of its host.
    func failed(since start: ContinuousClock.Instant, timeout: Duration) {
        let now = ContinuousClock.now
        state.withLock { state in
            if now - start < timeout - Self.tolerance {
                state.silentUntil = nil
            } else if state.lastAnswer < start {
                state.silentUntil = now + Self.pause
            }
        }
    }
}

extension DatabaseError {
    fileprivate static let silent = DatabaseError(
        code: .serverLost,
        sqlState: "HY000",
        message: "the database has not answered others; not asked"
    )
}
