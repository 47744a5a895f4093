// Tables, keys, triggers and routines.

import MySQLStore

enum SchemaCheck: DatabaseCheck {
    static let part = "schema"

    static func findings(_ maintenance: Maintenance, _ database: DatabaseSettings) throws(DatabaseError) -> [Finding] {
        let faults = try maintenance.schemaFaults()
        guard !faults.isEmpty else { return [] }
        let problems = faults.map { "\($0.kind) \($0.name): \($0.found ?? "missing"), expected \($0.expected)" }
        return [.wrong(problems, mend: Remedy(database: database.database).applySchema)]
    }
}
