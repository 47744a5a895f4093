// A histogram of durations.

import Runtime

/// Counts durations in buckets, as a Prometheus histogram has them.
struct Histogram: Sendable {
    /// The upper bounds of the buckets, in microseconds. Behind the last there is a bucket without a bound.
    static let bounds: [Int64] = [
        500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    ]

    /// How many durations each bucket has, without those of the buckets below it.
    private(set) var counts = [Int](repeating: 0, count: Histogram.bounds.count + 1)
    private(set) var sum = Interval.zero

    /// Near the longest interval that there is. A sum stays there: messages that are imported with their old times would
    /// soon be beyond it.
    private static let greatestSum = Interval.seconds(9_000_000_000)

    mutating func add(_ duration: Interval) {
        let microseconds = duration.microseconds
        counts[Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count] += 1
        sum = duration < Self.greatestSum - sum ? sum + duration : Self.greatestSum
    }
}
