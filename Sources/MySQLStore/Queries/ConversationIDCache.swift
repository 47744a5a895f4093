// Which number a CONV_… string names, as far as this process has asked.

internal import Runtime

/// Remembers the ids of conversations by their codes, for all stores of a process. A code names the same
/// conversation for ever, so nothing here goes out of date; nothing about access is remembered.
public final class ConversationIDCache: Sendable {
    private let ids = Lock<[String: Int64]>([:])

    /// How many are kept, some 100 bytes each; at one more it begins anew.
    private static let capacity = 20_000

    /// Nothing is remembered yet.
    public init() {}

    subscript(code: String) -> Int64? { ids.withLock { $0[code] } }

    func remember(_ id: Int64, for code: String) {
        ids.withLock { ids in
            if ids.count >= Self.capacity { ids.removeAll(keepingCapacity: true) }
            ids[code] = id
        }
    }
}
