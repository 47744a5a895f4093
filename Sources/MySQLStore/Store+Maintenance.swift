// What the service does outside of requests: the back-fill, and a look at the schema.

/// What one run of the back-fill did.
public struct BackfillReport: Sendable {
    /// Conversations that were opened.
    public var opened: Int64
    /// Orders whose conversation could not be opened.
    public var failed: Int64
    /// Order and error of the last of those.
    public var lastError: String?
}

/// A part of the schema that is not as the service needs it.
public struct SchemaFault: Sendable {
    /// column, index, trigger or routine.
    public var kind: String
    /// The part's name; of an index, its table and columns.
    public var name: String
    /// What schema.sql makes.
    public var expected: String
    /// What is there; nil for nothing.
    public var found: String?
}

extension BackfillReport: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        opened = try row.next()
        failed = try row.next()
        lastError = try row.next()
    }
}

extension SchemaFault: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        kind = try row.next()
        name = try row.next()
        expected = try row.next()
        found = try row.next()
    }
}

extension Store {
    /// Opens the conversations that are missing for confirmed orders: of those that changed within
    /// the last `seconds`, or of all.
    public func backfill(changedWithin seconds: Int64?) throws(StoreError) -> BackfillReport {
        try write { session throws(StoreError) in
            try orFail { () throws(DatabaseError) in
                let statement = try Statement<BackfillReport>(
                    session.connection,
                    "CALL orbia_backfill_conversations(?)"
                )
                guard let report = try statement.row(seconds) else { throw .unexpectedRow("no report") }
                return report
            }
        }
    }
}

extension DatabaseSettings {
    /// The parts of the schema that are not as the service needs them; empty where all is well.
    /// Works without anything of schema.sql in place but the routine that reports on it.
    public func schemaFaults() throws(DatabaseError) -> [SchemaFault] {
        let connection = try Connection(self)
        let statement = try Statement<SchemaFault>(connection, "CALL orbia_schema_report()")
        return try statement.rows().filter { $0.found != $0.expected }
    }
}
