// The time at which a line of a log is written.

import Glibc

/// A time in UTC.
struct Timestamp: Hashable, Sendable {
    /// Seconds since 1970.
    var second: Int64
    var millisecond: Int64

    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(second: Int64(time.tv_sec), millisecond: Int64(time.tv_nsec) / 1_000_000)
    }

    /// The second in the form of RFC 3339, without fraction and zone.
    static func text(ofSecond second: Int64) -> String {
        var time = time_t(second)
        var fields = tm()
        gmtime_r(&time, &fields)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                strftime(text.baseAddress, text.count, "%Y-%m-%dT%H:%M:%S", &fields)
            }
        }
    }
}

extension Timestamp: CustomStringConvertible {
    /// The time in the form of RFC 3339, with milliseconds: 2026-11-24T10:00:00.123Z.
    var description: String {
        "\(Self.text(ofSecond: second)).\(String(millisecond + 1_000).dropFirst())Z"
    }
}
