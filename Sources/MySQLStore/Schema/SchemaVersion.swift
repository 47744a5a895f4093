// Which version of the schema this build is made for.

enum SchemaVersion {
    /// The version that this build asks for. It works on this version and on the next one.
    ///
    /// The number comes from schema/02-layout.sql: scripts/assemble-schema writes it here.
    static let own: Int64 = 3

    /// What the comment of a routine of schema.sql has before its version.
    static let commentPrefix = "orbia-conversation "
}
