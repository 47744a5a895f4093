// How long things took, in buckets.

import Runtime

/// Counts durations, as a Prometheus histogram wants them.
struct Histogram: Sendable {
    /// Upper bounds of the buckets, in microseconds; behind the last there is one without a bound.
    static let bounds: [Int64] = [
        500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
    ]

    /// Of durations up to each bound and above the one before; then of all others.
    private(set) var counts = [Int](repeating: 0, count: Histogram.bounds.count + 1)
    private(set) var sum = Interval.zero

    mutating func add(_ duration: Interval) {
        let microseconds = duration.microseconds
        counts[Self.bounds.firstIndex { microseconds <= $0 } ?? Self.bounds.count] += 1
        sum += duration
    }
}
