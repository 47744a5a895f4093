// What the service does outside of requests: the back-fill, and what its extensions add.

/// What one run of the back-fill did.
public struct BackfillReport: Sendable {
    /// Conversations that were opened.
    public var opened: Int64
    /// Orders whose conversation could not be opened.
    public var failed: Int64
    /// Order and error of the last of those.
    public var lastError: String?
}

extension BackfillReport: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        opened = try row.next()
        failed = try row.next()
        lastError = try row.next()
    }
}

/// A connection for what is no request. Each call may take a minute, or only as long as a request's
/// statement.
public final class Maintenance {
    let connection: Connection

    /// Connects to the first host that can be used.
    ///
    /// - Parameter isHurried: whether a call that takes longer than a request's is of no use.
    public init(_ settings: DatabaseSettings, isHurried: Bool = false) throws(DatabaseError) {
        for host in settings.addresses.indices.dropLast() {
            if let connection = try? Connection(
                settings,
                host: host,
                for: isHurried ? .requests : .maintenance,
                until: nil
            ) {
                self.connection = connection
                return
            }
        }
        let last = settings.addresses.count - 1
        connection = try Connection(settings, host: last, for: isHurried ? .requests : .maintenance, until: nil)
    }

    /// Whether the database answers.
    public func ping() throws(DatabaseError) {
        try connection.ping()
    }

    /// Opens conversations that are missing for confirmed orders, some hundreds at the most: of those
    /// that changed within the last `seconds`, or of all.
    public func backfill(changedWithin seconds: Int64?) throws(DatabaseError) -> BackfillReport {
        let statement = try Statement<BackfillReport>(connection, "CALL orbia_backfill_conversations(?)")
        guard let report = try statement.row(seconds) else { throw .unexpectedRow("no report") }
        return report
    }
}
