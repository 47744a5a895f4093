// Tables, keys, triggers and routines.

import MySQLStore

enum SchemaCheck: DatabaseCheck {
    static let part = "schema"

    static func findings(_ maintenance: Maintenance, _ database: DatabaseSettings) throws(DatabaseError) -> [Finding] {
        let faults = try maintenance.schemaFaults()
        guard !faults.isEmpty else { return [] }
        return [.wrong(faults.map(\.problem), mend: Remedy(database: database.database).applySchema)]
    }
}

extension SchemaFault {
    /// What is there, and what should be.
    var problem: String { "\(kind) \(name): \(found ?? "missing"), expected \(expected)" }
}
