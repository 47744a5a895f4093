// The variables of the service's sessions, whatever the server's configuration and init_connect set.

internal import Runtime

/// The session variables that change the meaning of the service's statements, with the values that the statements are
/// written for. Tests/integration/test_session_variables.py tries all others.
///
/// Each value is spelt out, since DEFAULT would be the server's global one. Variables that an account without
/// privileges cannot set are not here; `ServerConfigurationFault` names them.
enum SessionSettings {
    /// The statements that each connection begins with.
    ///
    /// - Parameter statementLimit: how long the server lets a statement take.
    static func statements(statementLimit: Interval) -> [String] {
        [endOfInitConnect, variables(statementLimit: statementLimit)]
    }

    /// Ends the transaction that init_connect may have begun; with another completion_type, ROLLBACK would begin a new
    /// one or close the connection. It sets the variables that cannot be set within a transaction, and the clock where
    /// that can be set at all: with secure_timestamp nobody may, so nobody has.
    private static let endOfInitConnect = """
        BEGIN NOT ATOMIC SET SESSION completion_type = NO_CHAIN; ROLLBACK; SET SESSION autocommit = 1, skip_replication = 0; \
        IF @@secure_timestamp = 'NO' THEN SET SESSION timestamp = 0; END IF; END
        """

    private static func variables(statementLimit: Interval) -> String {
        "SET SESSION " + (texts + times + results + writes).joined(separator: ", ")
            + ", max_statement_time = \(decimalSeconds(statementLimit))" + newerVariables
    }

    /// Texts are UTF-8 both ways, and are compared as the tables compare them. The modes are those of the grammar that
    /// the statements are written in.
    private static let texts = [
        "character_set_client = utf8mb4",
        "character_set_results = utf8mb4",
        "collation_connection = utf8mb4_unicode_ci",
        "sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
        "old_mode = 'UTF8_IS_UTF8MB3'",
    ]

    /// Times are exchanged in UTC, with milliseconds.
    private static let times = ["time_zone = '+00:00'", "div_precision_increment = 4"]

    /// A result has all its rows, however many have to be read for it. A node that is cut off from its cluster gives
    /// none.
    private static let results = [
        "sql_select_limit = 18446744073709551615",
        "max_join_size = 18446744073709551615",
        "sql_big_selects = 1",
        // For each conversation of a page the optimizer would look into the index before the statement does. For a single
        // user it is to look: by the average user it would walk along all conversations of one who has many, to find the
        // unread ones.
        "eq_range_index_dive_limit = 2",
        "group_concat_max_len = 1048576",
        "max_session_mem_used = 9223372036854775807",
        "tmp_disk_table_size = 18446744073709551615",
        "max_error_count = 64",
        "sql_auto_is_null = 0",
        "wsrep_dirty_reads = 0",
    ]

    /// A routine decides what its transaction is. With READ COMMITTED a conversation that does not exist is no locked
    /// gap; the routines lock before they read, and need no more. A lock of a row or a table is waited for for a
    /// second: the defaults, 50 s and a day, are longer than any request may take.
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

    /// Only servers from that version on read the text within /*M!VERSION …*/.
    private static let newerVariables = " /*M!101108 , innodb_snapshot_isolation = 0 */"

    /// In front of a SELECT it keeps that from waiting for a table that an ALTER has locked, or waits for.
    static let withoutWaiting = "SET STATEMENT lock_wait_timeout = 0 FOR "

    /// The same, for one that the server stops after so many milliseconds.
    static func withoutWaiting(limit: Int64) -> String {
        "SET STATEMENT lock_wait_timeout = 0, max_statement_time = \(decimalSeconds(.milliseconds(limit))) FOR "
    }

    private static func decimalSeconds(_ interval: Interval) -> String {
        let milliseconds = interval.milliseconds
        return "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst())"
    }
}
