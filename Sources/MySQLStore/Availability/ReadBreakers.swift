// The circuit breakers of reads, so that reads of a locked table do not take all workers.

internal import Runtime
internal import Synchronization

/// The kinds of reads, by the tables that they read.
enum ReadKind: Int, CaseIterable {
    case messages, conversation, conversationList, search
}

/// A circuit breaker for each kind of read. While an ALTER waits for its lock, or works, each read of its table would
/// be tried for a while. Once one of them has failed, the others fail at once for a moment.
final class ReadBreakers: Sendable {
    private let breakers: [SharedBreaker]

    private final class SharedBreaker: Sendable {
        /// A copy of the breaker's state. It is nearly always true, and then the lock is not taken.
        let isClosed = Atomic(true)
        let breaker = Lock(CircuitBreaker(pause: .milliseconds(250), longestTrial: .seconds(1)))
    }

    init() {
        breakers = ReadKind.allCases.map { _ in SharedBreaker() }
    }

    /// Whether a read may be tried now.
    func admits(_ kind: ReadKind) -> Bool {
        let shared = breakers[kind.rawValue]
        if shared.isClosed.load(ordering: .relaxed) { return true }
        return shared.breaker.withLock { $0.admits(at: .now) }
    }

    /// Records how a read has ended.
    func recordRead(_ kind: ReadKind, wasLockedOut: Bool) {
        let shared = breakers[kind.rawValue]
        guard wasLockedOut || !shared.isClosed.load(ordering: .relaxed) else { return }
        shared.breaker.withLock { breaker in
            if wasLockedOut { breaker.failed(at: .now) } else { breaker.succeeded() }
            shared.isClosed.store(breaker.isClosed, ordering: .relaxed)
        }
    }
}

extension DatabaseError {
    /// No statement was sent, since a table was locked a moment ago.
    static let tableLocked = DatabaseError(
        code: .lockWaitTimeout,
        sqlState: "HY000",
        message: "a table is locked; not asked"
    )
}
