// Which characters are alike by the collation of searches.

internal import Runtime

/// Remembers the weights of characters, which the database knows, for all stores of a process. They are the collation's,
/// so no entry goes out of date.
final class CharacterWeights: Sendable {
    static let shared = CharacterWeights()

    /// What a character is compared by. LIKE compares by weights those characters that the collation lists, and all others
    /// by themselves.
    enum Weight: Hashable {
        case itself(UInt32)
        case listed(String)

        /// - Parameter weights: in hexadecimal, as WEIGHT_STRING gives them.
        fileprivate init(of point: UInt32, _ weights: String) {
            self = Self.derived(weights) == point ? .itself(point) : .listed(weights)
        }

        /// The character whose weights these are derived from (Unicode Technical Standard 10, section 10.1.3): it is not
        /// listed itself. nil: they are not derived from one.
        private static func derived(_ weights: String) -> UInt32? {
            guard weights.utf8.count == 8, let number = UInt32(weights, radix: 16) else { return nil }
            let (high, low) = (number >> 16, number & 0xFFFF)
            guard (0xFB40...0xFBFF).contains(high), low >= 0x8000 else { return nil }
            return (high & 0x3F) << 15 | (low & 0x7FFF)
        }
    }

    /// The most entries that are kept, of some 50 bytes each. One more empties the cache.
    private static let capacity = 20_000
    /// The most characters that one statement is asked for.
    private static let largestQuestion = 5_000

    private let weights = Lock<[UInt32: Weight]>([:])

    /// Whether it is known without asking that the character is like no other one: the Chinese ones of Unicode 1.0.
    static func isOnlyItself(_ point: UInt32) -> Bool { (0x4E00...0x9FA5).contains(point) }

    /// The weights of characters. Asks the database for those that are not remembered.
    func weights(
        of points: Set<UInt32>,
        _ statement: Statement<CharacterWeightRow>
    ) throws(DatabaseError) -> [UInt32: Weight] {
        var found: [UInt32: Weight] = [:]
        var unknown: [UInt32] = []
        weights.withLock { weights in
            for point in points {
                if Self.isOnlyItself(point) {
                    found[point] = .itself(point)
                } else if let weight = weights[point] {
                    found[point] = weight
                } else {
                    unknown.append(point)
                }
            }
        }
        for begin in stride(from: 0, to: unknown.count, by: Self.largestQuestion) {
            let asked = unknown[begin..<min(begin + Self.largestQuestion, unknown.count)]
            for row in try statement.rows(jsonArray(asked.map(Int64.init))) {
                found[UInt32(row.point)] = Weight(of: UInt32(row.point), row.weights)
            }
        }
        remember(unknown, of: found)
        return found
    }

    private func remember(_ points: [UInt32], of found: [UInt32: Weight]) {
        guard !points.isEmpty else { return }
        weights.withLock { weights in
            for point in points {
                if weights.count >= Self.capacity { weights.removeAll(keepingCapacity: true) }
                weights[point] = found[point]
            }
        }
    }
}
