// What the account may do with whose rights triggers and routines run.

import MySQLStore

/// Where it lacks a right, a change of an order can fail, and the back-fill does.
enum DefinerCheck: DatabaseCheck {
    static let part = "definer"

    static func findings(_ maintenance: Maintenance, _ database: DatabaseSettings) throws(DatabaseError) -> [Finding] {
        let faults = try maintenance.definerFaults()
        guard !faults.isEmpty else { return [] }
        return [.wrong(faults.map(\.problem), mend: Remedy(database: database.database).applySchema)]
    }
}
