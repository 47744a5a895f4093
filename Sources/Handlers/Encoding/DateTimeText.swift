// Times as the contract spells those that are not in milliseconds: YYYY-MM-DD HH:MM:SS.

internal import Glibc

enum DateTimeText {
    /// The text of a time in the process's time zone (TZ).
    ///
    /// - Parameter seconds: the time in seconds since 1970.
    static func local(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var fields = tm()
        localtime_r(&time, &fields)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                strftime(text.baseAddress, text.count, "%Y-%m-%d %H:%M:%S", &fields)
            }
        }
    }
}
