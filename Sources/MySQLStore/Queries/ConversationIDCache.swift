// The ids of the conversations that requests named by their codes.

internal import Runtime

/// Remembers which `orbia_conversation.id` belongs to a `CONV_…` code, for all stores of a process. A code names the
/// same conversation for ever, so no entry goes out of date. Nothing about access is remembered.
public final class ConversationIDCache: Sendable {
    private let ids = Lock<[String: Int64]>([:])

    /// The most entries that are kept, of some 100 bytes each. One more empties the cache.
    private static let capacity = 20_000

    /// An empty cache.
    public init() {}

    subscript(code: String) -> Int64? { ids.withLock { $0[code] } }

    func remember(_ id: Int64, for code: String) {
        ids.withLock { ids in
            if ids.count >= Self.capacity { ids.removeAll(keepingCapacity: true) }
            ids[code] = id
        }
    }
}
