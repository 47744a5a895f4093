// The check of the account whose rights the triggers and routines run with.

/// A right that schema.sql's definer lacks, or a trigger or routine that belongs to another account.
public struct DefinerFault: Sendable {
    /// `grant`, `trigger` or `routine`.
    public var kind: String
    /// The right, as in `SELECT on orbia_kol`, or the trigger's or routine's name.
    public var name: String
    /// `granted`, or the definer that schema.sql names.
    public var expected: String
    /// What was found; nil where the right is missing.
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

extension MaintenanceConnection {
    /// The faults of the definer. Throws `noSuchDefiner` where the account is missing, and `routineAccessDenied` where
    /// it may not even run this report.
    public func definerFaults() throws(DatabaseError) -> [DefinerFault] {
        try Statement<DefinerFault>(connection, Routine.definerReport.call("")).rows().filter {
            $0.found != $0.expected
        }
    }
}
