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
public final class MaintenanceConnection {
    let connection: Connection

    /// Connects to the host that requests use.
    ///
    /// - Parameter withRequestTimeouts: whether a call that takes longer than a request's is of no use.
    public init(_ hosts: DatabaseHosts, withRequestTimeouts: Bool = false) throws(DatabaseError) {
        (connection, _) = try hosts.connect(for: withRequestTimeouts ? .requests : .maintenance)
    }

    /// Connects to one host of the settings'.
    ///
    /// - Parameter host: its place, from 0.
    public init(_ settings: DatabaseSettings, host: Int) throws(DatabaseError) {
        connection = try Connection(settings, host: host, for: .maintenance)
    }

    /// What no session of the service's can overcome on this server.
    public func configurationFaults() throws(DatabaseError) -> [ServerConfigurationFault] {
        let rows = try Statement<VariableRow>(connection, ServerConfigurationFault.query).rows()
        return ServerConfigurationFault.all(in: Dictionary(rows.map { ($0.name, $0.value) }) { first, _ in first })
    }

    /// Opens conversations that are missing for confirmed orders, some hundreds at the most: of those
    /// that changed within the last `seconds`, or of all.
    public func backfill(changedWithin seconds: Int64?) throws(DatabaseError) -> BackfillReport {
        let statement = Statement<BackfillReport>(connection, "CALL orbia_backfill_conversations(?)")
        guard let report = try statement.row(seconds) else { throw .unexpectedRow("no report") }
        return report
    }
}
