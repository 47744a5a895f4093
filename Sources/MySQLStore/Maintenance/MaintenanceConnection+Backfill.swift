// The back-fill: it opens the conversations that no trigger has opened.

/// The result of one call of the back-fill.
public struct BackfillReport: Sendable {
    /// The number of conversations that were opened.
    public var opened: Int64
    /// The number of orders whose conversation could not be opened.
    public var failed: Int64
    /// The last of those orders, with its error.
    public var lastError: String?
    /// The connection id of another session that runs the back-fill, so that this call did nothing; 0 where that one
    /// has ended meanwhile, nil where there was none.
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

extension MaintenanceConnection {
    /// Opens conversations that are missing for confirmed orders, 500 at the most.
    ///
    /// - Parameter seconds: only orders are looked at that were changed within this time; nil: all orders.
    public func backfill(changedWithin seconds: Int64?) throws(DatabaseError) -> BackfillReport {
        let statement = Statement<BackfillReport>(connection, Routine.backfill.call("?"))
        guard let report = try statement.row(seconds) else { throw .unexpectedRow("no report") }
        return report
    }
}
