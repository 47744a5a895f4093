// The check of the schema, and of what the service's account may do with it.

/// A part of the schema that is not as schema.sql makes it.
public struct SchemaFault: Sendable {
    /// `version`, `table`, `column`, `default`, `index`, `trigger` or `routine`.
    public var kind: String
    /// The part's name; of an index, its table and columns.
    public var name: String
    /// What schema.sql makes, or what serves as well.
    public var expected: String
    /// What was found; nil where the part is missing.
    public var found: String?
    /// Whether the service cannot work because of it. Otherwise `why` says what suffers.
    public var isNeeded: Bool
    /// Whether schema.sql mends it.
    public var isMendable: Bool
    /// The reason for the requirement, where it is not obvious.
    public var why: String?

    /// Whether the fault is that the schema has another version than this build's.
    public var isOfTheVersion: Bool { kind == "version" }
}

/// A row of `orbia_schema_state`, which has the same columns in each version of the schema from 3 on.
private struct SchemaPartRow: DecodableRow {
    var part: SchemaFault
    /// The schema's version.
    var version: Int64
    /// The oldest version whose builds the schema serves.
    var servesFrom: Int64

    init(_ row: inout RowReader) throws(DatabaseError) {
        part = SchemaFault(
            kind: try row.next(),
            name: try row.next(),
            expected: try row.next(),
            found: try row.next(),
            isNeeded: try row.next() != Int64(0),
            isMendable: try row.next() != Int64(0),
            why: try row.next()
        )
        version = try row.next()
        servesFrom = try row.next()
    }

    /// The fault that the schema has another version than this build's; nil where it has the same.
    var versionFault: SchemaFault? {
        guard version != SchemaVersion.own else { return nil }
        let serves = version > SchemaVersion.own && servesFrom <= SchemaVersion.own
        return SchemaFault(
            kind: "version",
            name: "schema.sql",
            expected: "\(SchemaVersion.own)",
            found: "\(version)",
            isNeeded: !serves,
            isMendable: version < SchemaVersion.own,
            why: version < SchemaVersion.own
                ? "the database is older than this program"
                : "the database is newer than this program, and serves programs from version \(servesFrom) on"
        )
    }
}

/// A row with a single column of text.
private struct NameRow: DecodableRow {
    var name: String

    init(_ row: inout RowReader) throws(DatabaseError) {
        name = try row.next()
    }
}

extension MaintenanceConnection {
    /// The role of versions 1 and 2 of schema.sql, which was one for all databases of a server.
    private static let sharedRole = "orbia_conversation_app"

    /// The parts of the schema that are not as schema.sql makes them. It needs nothing of schema.sql but the routine
    /// that reports on it.
    public func schemaFaults() throws(DatabaseError) -> [SchemaFault] {
        let rows: [SchemaPartRow]
        do {
            rows = try Statement<SchemaPartRow>(connection, Routine.schemaState.call("?")).rows(SchemaVersion.own)
        } catch {
            // Versions 1 and 2 have no such routine.
            guard [.noSuchRoutine, .routineAccessDenied].contains(error.code) else { throw error }
            guard let older = try olderVersion() else { throw error }
            return [older]
        }
        let versionFaults = rows.first?.versionFault.map { [$0] } ?? []
        return versionFaults + rows.map(\.part).filter { $0.found != $0.expected }
    }

    /// The fault that the schema has version 1 or 2; nil where there is no such schema.
    private func olderVersion() throws(DatabaseError) -> SchemaFault? {
        let statement = Statement<NameRow>(
            connection,
            """
            SELECT ROUTINE_COMMENT FROM information_schema.ROUTINES
            WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_NAME = 'orbia_send_message'
            """
        )
        let prefix = SchemaVersion.commentPrefix
        guard let comment = try statement.row()?.name, comment.hasPrefix(prefix) else { return nil }
        guard let version = Int64(comment.dropFirst(prefix.count)), version < SchemaVersion.own else { return nil }
        return SchemaFault(
            kind: "version",
            name: "schema.sql",
            expected: "\(SchemaVersion.own)",
            found: "\(version)",
            isNeeded: true,
            isMendable: true,
            why: "the database is older than this program"
        )
    }

    /// The schema's version where it is newer than this build's; nil where it is not, or where none of its routines may
    /// be called. It is known from the routines' comments, which can be read while the report cannot.
    public func newerSchemaVersion() throws(DatabaseError) -> Int64? {
        let statement = Statement<NameRow>(
            connection,
            """
            SELECT ROUTINE_COMMENT FROM information_schema.ROUTINES
            WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT LIKE '\(SchemaVersion.commentPrefix)%'
            """
        )
        let versions = try statement.rows().compactMap { Int64($0.name.dropFirst(SchemaVersion.commentPrefix.count)) }
        return versions.max().flatMap { $0 > SchemaVersion.own ? $0 : nil }
    }

    /// The routines that the account may not call. The server shows an account only those that it may call.
    public func deniedRoutines() throws(DatabaseError) -> [String] {
        let statement = Statement<NameRow>(
            connection,
            "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"
        )
        let callable = Set(try statement.rows().map(\.name))
        return Routine.allCases.map(\.rawValue).filter { !callable.contains($0) }
    }

    /// The account's name where it has the role of versions 1 and 2 of schema.sql, which is good for every database of
    /// the server that these were applied to; nil where it has not.
    public func accountWithSharedRole() throws(DatabaseError) -> String? {
        try Statement<NameRow>(
            connection,
            "SELECT CURRENT_USER() FROM information_schema.APPLICABLE_ROLES WHERE ROLE_NAME = '\(Self.sharedRole)'"
        ).row()?.name
    }
}
