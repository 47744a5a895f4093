// What the account may do with whose rights triggers and routines run.

import MySQLStore

/// Where it lacks a right, a change of an order can fail, and the back-fill does.
enum DefinerCheck: DatabaseCheck {
    static let part = "definer"

    static func findings(_ maintenance: Maintenance, _ database: DatabaseSettings) throws(DatabaseError) -> [Finding] {
        let faults = try maintenance.definerFaults()
        guard !faults.isEmpty else { return [] }
        let problems = faults.map { "\($0.kind) \($0.name): \($0.found ?? "missing"), expected \($0.expected)" }
        return [.wrong(problems, mend: Remedy(database: database.database).applySchema)]
    }
}
