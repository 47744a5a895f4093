// What a session of the service's is like, whatever the server's files, globals and init_connect say.

internal import Runtime

/// The session variables that the meaning of the service's statements hangs on, with the values that they are
/// written for. Tests/integration/test_session_variables.py tries all others.
///
/// Each value is spelt out: DEFAULT would be the server's global one. What cannot be set by an account without
/// privileges is not here; `ServerConfigurationFault` names it.
enum SessionSettings {
    /// The first statements on each connection.
    ///
    /// - Parameter statementLimit: how long a statement may take at the server.
    static func statements(statementLimit: Interval) -> [String] {
        [clean, variables(statementLimit: statementLimit)]
    }

    /// Ends what init_connect has begun (with completion_type a ROLLBACK would begin anew, or hang up), and sets what cannot be set within a transaction, or not everywhere:
    /// with secure_timestamp nobody may set the clock, so nobody has.
    private static let clean = """
        BEGIN NOT ATOMIC SET SESSION completion_type = NO_CHAIN; ROLLBACK; SET SESSION autocommit = 1, skip_replication = 0; \
        IF @@secure_timestamp = 'NO' THEN SET SESSION timestamp = 0; END IF; END
        """

    private static func variables(statementLimit: Interval) -> String {
        "SET SESSION " + (texts + times + results + writes).joined(separator: ", ")
            + ", max_statement_time = \(decimalSeconds(statementLimit))" + newerVariables
    }

    /// UTF-8 both ways, compared as the tables compare, and the grammar that the statements are written in.
    private static let texts = [
        "character_set_client = utf8mb4",
        "character_set_results = utf8mb4",
        "collation_connection = utf8mb4_unicode_ci",
        "sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
        "old_mode = 'UTF8_IS_UTF8MB3'",
    ]

    /// Times travel in UTC, in milliseconds.
    private static let times = ["time_zone = '+00:00'", "div_precision_increment = 4"]

    /// All rows of a result, however many have to be looked at for them; none of a node that its cluster has left.
    private static let results = [
        "sql_select_limit = 18446744073709551615",
        "max_join_size = 18446744073709551615",
        "sql_big_selects = 1",
        "group_concat_max_len = 1048576",
        "max_session_mem_used = 9223372036854775807",
        "tmp_disk_table_size = 18446744073709551615",
        "max_error_count = 64",
        "sql_auto_is_null = 0",
        "wsrep_dirty_reads = 0",
    ]

    /// A transaction is what a routine makes it. READ COMMITTED: the routines lock before they read, and a
    /// conversation that does not exist is then no locked gap. A row or a table is waited for a second; the
    /// defaults, 50 s and a day, are longer than any request may take.
    private static let writes = [
        "tx_isolation = 'READ-COMMITTED'",
        "tx_read_only = 0",
        "innodb_lock_wait_timeout = 1",
        "lock_wait_timeout = 1",
        "sql_safe_updates = 0",
        "foreign_key_checks = 1",
        "unique_checks = 1",
        "check_constraint_checks = 1",
        "insert_id = 0",
        "idle_transaction_timeout = 0",
        "idle_write_transaction_timeout = 0",
    ]

    /// Read by servers from that version on alone (/*M!VERSION …*/).
    private static let newerVariables = " /*M!101108 , innodb_snapshot_isolation = 0 */"

    /// Put in front of a SELECT: a table that an ALTER has locked, or waits for, is not waited for.
    static let withoutWaiting = "SET STATEMENT lock_wait_timeout = 0 FOR "

    private static func decimalSeconds(_ interval: Interval) -> String {
        let milliseconds = interval.milliseconds
        return "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst())"
    }
}
