// What triggers and routines lack to run with their owner's rights.

extension Maintenance {
    /// The triggers and routines that do not belong to schema.sql's definer, and the rights that it lacks
    /// here; empty where all is well. Where the definer is missing, or may not even run a routine, the
    /// error says so.
    public func definerFaults() throws(DatabaseError) -> [SchemaFault] {
        try Statement<SchemaFault>(connection, "CALL orbia_definer_report()").rows().filter { $0.found != $0.expected }
    }
}
