// Points in time and what lies between them, as plain integers.

internal import Glibc

/// A point in time, by a clock that nobody sets (CLOCK_MONOTONIC).
///
/// The standard library's instants have no layout that the compiler knows: whatever holds one is copied,
/// compared and destroyed through tables at run time, which was a tenth of a request's time.
public struct Instant: Hashable, Comparable, Sendable {
    /// By that clock, which begins somewhere.
    public let nanoseconds: Int64

    @usableFromInline init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// This moment.
    public static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Whether one is earlier.
    @inlinable public static func < (earlier: Instant, later: Instant) -> Bool {
        earlier.nanoseconds < later.nanoseconds
    }

    /// So much later.
    @inlinable public static func + (instant: Instant, interval: Interval) -> Instant {
        Instant(nanoseconds: instant.nanoseconds + interval.nanoseconds)
    }

    /// So much earlier.
    @inlinable public static func - (instant: Instant, interval: Interval) -> Instant {
        Instant(nanoseconds: instant.nanoseconds - interval.nanoseconds)
    }

    /// What lies between them; negative where the first is the earlier one.
    @inlinable public static func - (later: Instant, earlier: Instant) -> Interval {
        Interval(nanoseconds: later.nanoseconds - earlier.nanoseconds)
    }
}

/// A length of time, to the nanosecond; up to 292 years.
public struct Interval: Hashable, Comparable, Sendable {
    /// Its length; negative where an end lies before its beginning.
    public let nanoseconds: Int64

    @usableFromInline init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// No time.
    public static let zero = Interval(nanoseconds: 0)

    /// So many seconds.
    public static func seconds(_ count: some BinaryInteger) -> Interval {
        Interval(nanoseconds: Int64(count) * 1_000_000_000)
    }

    /// So many seconds, to the nearest nanosecond.
    public static func seconds(_ count: Double) -> Interval { Interval(nanoseconds: Int64((count * 1e9).rounded())) }

    /// So many milliseconds.
    public static func milliseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000_000) }

    /// So many microseconds.
    public static func microseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count * 1_000) }

    /// Whole microseconds; what is left over is dropped.
    @inlinable public var microseconds: Int64 { nanoseconds / 1_000 }

    /// Whole milliseconds; what is left over is dropped.
    @inlinable public var milliseconds: Int64 { nanoseconds / 1_000_000 }

    /// Seconds.
    @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }

    /// Whether one is shorter.
    @inlinable public static func < (shorter: Interval, longer: Interval) -> Bool {
        shorter.nanoseconds < longer.nanoseconds
    }

    /// Both, one after the other.
    @inlinable public static func + (one: Interval, other: Interval) -> Interval {
        Interval(nanoseconds: one.nanoseconds + other.nanoseconds)
    }

    /// What is left of one without the other.
    @inlinable public static func - (one: Interval, other: Interval) -> Interval {
        Interval(nanoseconds: one.nanoseconds - other.nanoseconds)
    }

    /// Makes it longer by another.
    @inlinable public static func += (one: inout Interval, other: Interval) {
        one = one + other
    }

    /// Makes it shorter by another.
    @inlinable public static func -= (one: inout Interval, other: Interval) {
        one = one - other
    }

    /// So many times as long.
    @inlinable public static func * (interval: Interval, count: Int64) -> Interval {
        Interval(nanoseconds: interval.nanoseconds * count)
    }

    /// A part of so many equal ones.
    @inlinable public static func / (interval: Interval, count: Int64) -> Interval {
        Interval(nanoseconds: interval.nanoseconds / count)
    }
}
