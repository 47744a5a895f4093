// What triggers and routines lack to run with their owner's rights.

/// A right that schema.sql's definer lacks, or a trigger or routine that belongs to somebody else.
public struct DefinerFault: Sendable {
    /// grant, trigger or routine.
    public var kind: String
    /// The right, as in `SELECT on orbia_kol`, or the trigger's or routine's name.
    public var name: String
    /// What schema.sql makes: `granted`, or the definer.
    public var expected: String
    /// What is there; nil for nothing.
    public var found: String?
}

extension DefinerFault: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        kind = try row.next()
        name = try row.next()
        expected = try row.next()
        found = try row.next()
    }
}

extension Maintenance {
    /// What is wrong with the definer; empty where all is well. Where it is missing, or may not even run a
    /// routine, that is the error.
    public func definerFaults() throws(DatabaseError) -> [DefinerFault] {
        try Statement<DefinerFault>(connection, "CALL orbia_definer_report()").rows().filter { $0.found != $0.expected }
    }
}
