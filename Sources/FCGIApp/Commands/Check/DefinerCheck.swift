// The check of the rights of the definer, the account that triggers and routines run as.

import MySQLStore

/// Where the definer lacks a right, a change of an order can fail, and the back-fill does fail.
enum DefinerCheck: DatabaseCheck {
    static let part = "definer"

    static func findings(_ maintenance: MaintenanceConnection, _ database: DatabaseSettings) throws(DatabaseError)
        -> [Finding]
    {
        let faults = try maintenance.definerFaults()
        guard !faults.isEmpty else { return [] }
        let problems = faults.map { "\($0.kind) \($0.name): \($0.found ?? "missing"), expected \($0.expected)" }
        return [.wrong(problems, mend: Remedy(maintenance, database).applySchema)]
    }
}
