// The time of day that stands before each line of a log.

import Glibc

/// A time of day in UTC.
struct Timestamp: Hashable, Sendable {
    /// Since 1970.
    var second: Int64
    var millisecond: Int64

    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(second: Int64(time.tv_sec), millisecond: Int64(time.tv_nsec) / 1_000_000)
    }

    /// As RFC 3339 has it, without fraction and zone.
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
    /// As RFC 3339 has it, with milliseconds: 2026-11-24T10:00:00.123Z.
    var description: String {
        "\(Self.text(ofSecond: second)).\(String(millisecond + 1_000).dropFirst())Z"
    }
}
