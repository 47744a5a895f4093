// The numbers of conversations of users who have many.

internal import Runtime

/// Remembers how many conversations a user with many of them has, for all stores of a process: to count 100,000 of them
/// takes the database longer than all else of the list. The database says with each list whether the number has changed
/// since. It does not know of changes that fire no trigger; so a number is kept for a minute at most.
public final class ConversationCountCache: Sendable {
    /// The conversations that are counted.
    struct List: Hashable {
        var user: Int64
        /// nil: of every type.
        var type: String?
    }

    struct Count {
        var total: Int64
        /// The number holds unless a change has this time or a later one, in the database's milliseconds since 1970: a
        /// change may become visible that much later than its time.
        var validFrom: Int64
        fileprivate var expiry: Instant
    }

    /// Fewer conversations are counted each time.
    static let leastTotal: Int64 = 500
    /// The most numbers that are kept, of some 100 bytes each. One more empties the cache.
    private static let capacity = 10_000
    private static let lifetime = Interval.seconds(60)

    private let counts = Lock<[List: Count]>([:])

    /// An empty cache.
    public init() {}

    subscript(list: List) -> Count? {
        guard let count = counts.withLock({ $0[list] }), Instant.now < count.expiry else { return nil }
        return count
    }

    /// Whether the list had many conversations when they were last counted, however long ago.
    func hadMany(_ list: List) -> Bool {
        counts.withLock { $0[list] != nil }
    }

    /// - Parameter time: the database's time before it counted.
    func remember(_ total: Int64, of list: List, at time: Int64) {
        let count = Count(total: total, validFrom: time - ChangeCursor.overlap, expiry: .now + Self.lifetime)
        counts.withLock { counts in
            guard total >= Self.leastTotal else {
                counts[list] = nil
                return
            }
            if counts.count >= Self.capacity { counts.removeAll(keepingCapacity: true) }
            counts[list] = count
        }
    }
}
