// What the service's account may do.

import MySQLStore

enum PrivilegesCheck: DatabaseCheck {
    static let part = "privileges"

    static func findings(_ maintenance: Maintenance, _ database: DatabaseSettings) throws(DatabaseError) -> [Finding] {
        // Prepares every statement of the service.
        try Store(DatabaseHosts(database)).connect()
        let denied = try maintenance.deniedRoutines()
        guard !denied.isEmpty else { return [] }
        let problem = "the account may not call \(denied.joined(separator: ", "))"
        return [.wrong(problem, mend: Remedy(database: database.database).applySchema)]
    }
}
