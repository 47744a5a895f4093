// Lengths of time, as plain integers.

/// A length of time, to the nanosecond; up to 292 years.
public struct Interval: Hashable, Comparable, Sendable {
    /// Negative where the interval reaches from an instant to an earlier one.
    public let nanoseconds: Int64

    @usableFromInline init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// No time.
    public static let zero = Interval(nanoseconds: 0)

    /// An interval of whole seconds.
    public static func seconds(_ count: some BinaryInteger) -> Interval {
        Interval(nanoseconds: Int64(count) * 1_000_000_000)
    }

    /// Rounds to the nearest nanosecond.
    public static func seconds(_ count: Double) -> Interval { Interval(nanoseconds: Int64((count * 1e9).rounded())) }

    /// An interval of milliseconds.
    public static func milliseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000_000) }

    /// An interval of microseconds.
    public static func microseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000) }

    /// Whole microseconds; the remainder is dropped.
    @inlinable public var microseconds: Int64 { nanoseconds / 1_000 }

    /// Whole milliseconds; the remainder is dropped.
    @inlinable public var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// The interval in seconds.
    @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }

    /// Whether the first is shorter.
    @inlinable public static func < (shorter: Interval, longer: Interval) -> Bool {
        shorter.nanoseconds < longer.nanoseconds
    }

    /// The sum of two intervals.
    @inlinable public static func + (one: Interval, other: Interval) -> Interval {
        Interval(nanoseconds: one.nanoseconds + other.nanoseconds)
    }

    /// The difference of two intervals; negative where the second is longer.
    @inlinable public static func - (one: Interval, other: Interval) -> Interval {
        Interval(nanoseconds: one.nanoseconds - other.nanoseconds)
    }

    /// Lengthens the interval.
    @inlinable public static func += (one: inout Interval, other: Interval) {
        one = one + other
    }

    /// Shortens the interval.
    @inlinable public static func -= (one: inout Interval, other: Interval) {
        one = one - other
    }

    /// A multiple of the interval.
    @inlinable public static func * (interval: Interval, count: Int64) -> Interval {
        Interval(nanoseconds: interval.nanoseconds * count)
    }

    /// A fraction of the interval, rounded towards zero.
    @inlinable public static func / (interval: Interval, count: Int64) -> Interval {
        Interval(nanoseconds: interval.nanoseconds / count)
    }
}
