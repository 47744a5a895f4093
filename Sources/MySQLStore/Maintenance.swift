// What the service does outside of requests: the back-fill, and what its extensions add.

/// What one run of the back-fill did.
public struct BackfillReport: Sendable {
    /// Conversations that were opened.
    public var opened: Int64
    /// Orders whose conversation could not be opened.
    public var failed: Int64
    /// Order and error of the last of those.
    public var lastError: String?
    /// The connection of another session that is at it, so that this run did nothing; 0 where that has
    /// ended since, nil where there was none.
    public var busy: Int64?
}

extension BackfillReport: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        opened = try row.next()
        failed = try row.next()
        lastError = try row.next()
        busy = try row.next()
    }
}

/// A connection for what is no request. Each call may take a minute, or only as long as a request's
/// statement.
public final class Maintenance {
    let connection: Connection

    /// The routines of schema.sql that the service calls.
    private static let routines = [
        "orbia_send_message", "orbia_mark_read", "orbia_backfill_conversations", "orbia_schema_report",
        "orbia_definer_report", "orbia_backfill_report",
    ]

    /// The comment of the routines that this build goes with.
    private static let version = "orbia-conversation 2"

    /// Connects to the host that requests use.
    ///
    /// - Parameter isHurried: whether a call that takes longer than a request's is of no use.
    public init(_ hosts: DatabaseHosts, isHurried: Bool = false) throws(DatabaseError) {
        (connection, _) = try hosts.connect(for: isHurried ? .requests : .maintenance)
    }

    /// Connects to one host of the settings'.
    ///
    /// - Parameter host: its place, from 0.
    public init(_ settings: DatabaseSettings, host: Int) throws(DatabaseError) {
        connection = try Connection(settings, host: host, for: .maintenance)
    }

    /// What no session of the service's can overcome on this server.
    public func obstacles() throws(DatabaseError) -> [ServerObstacle] {
        let rows = try Statement<VariableRow>(connection, ServerObstacle.query).rows()
        return ServerObstacle.all(in: Dictionary(rows.map { ($0.name, $0.value) }) { first, _ in first })
    }

    /// Opens conversations that are missing for confirmed orders, some hundreds at the most: of those
    /// that changed within the last `seconds`, or of all.
    public func backfill(changedWithin seconds: Int64?) throws(DatabaseError) -> BackfillReport {
        let statement = Statement<BackfillReport>(connection, "CALL orbia_backfill_conversations(?)")
        guard let report = try statement.row(seconds) else { throw .unexpectedRow("no report") }
        return report
    }

    /// The parts of the schema that are not as the service needs them; empty where all is well.
    /// Needs nothing of schema.sql but the routine that reports on it.
    ///
    /// The report of another version finds that version's parts as they should be: it is itself a fault then.
    public func schemaFaults() throws(DatabaseError) -> [SchemaFault] {
        let faults = try Statement<SchemaFault>(connection, "CALL orbia_schema_report()").rows().filter {
            $0.found != $0.expected
        }
        let found = try Statement<RoutineRow>(
            connection,
            """
            SELECT ROUTINE_COMMENT FROM information_schema.ROUTINES
            WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_NAME = 'orbia_schema_report'
            """
        ).row()?.name
        guard found != Self.version else { return faults }
        let report = SchemaFault(kind: "routine", name: "orbia_schema_report", expected: Self.version, found: found)
        return faults.filter { $0.name != report.name } + [report]
    }

    /// The routines that the account may not call: the server shows it no others.
    public func deniedRoutines() throws(DatabaseError) -> [String] {
        let statement = Statement<RoutineRow>(
            connection,
            "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"
        )
        let callable = Set(try statement.rows().map(\.name))
        return Self.routines.filter { !callable.contains($0) }
    }
}
