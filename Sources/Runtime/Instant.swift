// Points in time, as plain integers.

internal import Glibc

/// A point in time, by a clock that nobody sets (CLOCK_MONOTONIC).
///
/// The compiler does not know the layout of the standard library's instants: every value that contains one is copied,
/// compared and destroyed through tables at run time, which was a tenth of a request's time.
public struct Instant: Hashable, Comparable, Sendable {
    /// Nanoseconds since that clock began, which is some moment before the process did.
    public let nanoseconds: Int64

    /// An instant that was kept as a number, in an atomic for example.
    @inlinable public init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The current time.
    public static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// Whether the first is earlier.
    @inlinable public static func < (earlier: Instant, later: Instant) -> Bool {
        earlier.nanoseconds < later.nanoseconds
    }

    /// The instant that is later by an interval.
    @inlinable public static func + (instant: Instant, interval: Interval) -> Instant {
        Instant(nanoseconds: instant.nanoseconds + interval.nanoseconds)
    }

    /// The instant that is earlier by an interval.
    @inlinable public static func - (instant: Instant, interval: Interval) -> Instant {
        Instant(nanoseconds: instant.nanoseconds - interval.nanoseconds)
    }

    /// The time between two instants; negative where the first is the earlier one.
    @inlinable public static func - (later: Instant, earlier: Instant) -> Interval {
        Interval(nanoseconds: later.nanoseconds - earlier.nanoseconds)
    }
}
