/// Times that statements are given as parameters, in milliseconds since 1970.
enum TimeSQL {
    /// NULL for NULL, and for a time that is later than a TIMESTAMP of this server. One before 1970 is its first
    /// millisecond, which is older than all rows: FROM_UNIXTIME knows no earlier time, and of 0 it is NULL from some
    /// version between MariaDB 10.11 and 11.8 on.
    static let time = "FROM_UNIXTIME(GREATEST(?, 1) / 1000)"

    /// The same, but where that is NULL a time that is later than all rows.
    static let timeOrEnd = "COALESCE(\(time), TIMESTAMP '9999-12-31 23:59:59')"
}
