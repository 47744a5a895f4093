// Reads that find their tables locked must not take the workers.

internal import Runtime
internal import Synchronization

/// The kinds of reads, by the tables that they need.
enum ReadKind: Int, CaseIterable {
    case messages, conversation, conversationList
}

/// A circuit breaker for each kind of read. While an ALTER waits for its lock, or works, each read of its table
/// would be tried for a while; so once one was in vain, others fail at once for a moment.
final class ReadBreakers: Sendable {
    private let gates: [Gate]

    private final class Gate: Sendable {
        /// A copy of what the breaker says: nearly always true, and then nothing else is looked at.
        let isClosed = Atomic(true)
        let breaker = Lock(CircuitBreaker(pause: .milliseconds(250), longestTrial: .seconds(1)))
    }

    init() {
        gates = ReadKind.allCases.map { _ in Gate() }
    }

    func admits(_ kind: ReadKind) -> Bool {
        let gate = gates[kind.rawValue]
        if gate.isClosed.load(ordering: .relaxed) { return true }
        return gate.breaker.withLock { $0.admits(at: .now) }
    }

    func note(_ kind: ReadKind, wasLockedOut: Bool) {
        let gate = gates[kind.rawValue]
        guard wasLockedOut || !gate.isClosed.load(ordering: .relaxed) else { return }
        gate.breaker.withLock { breaker in
            if wasLockedOut { breaker.failed(at: .now) } else { breaker.succeeded() }
            gate.isClosed.store(breaker.isClosed, ordering: .relaxed)
        }
    }
}

extension DatabaseError {
    static let tableLocked = DatabaseError(
        code: .lockWaitTimeout,
        sqlState: "HY000",
        message: "a table is locked; not asked"
    )
}
