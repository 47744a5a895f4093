// The check of the database server's configuration.

import MySQLStore

enum ServerCheck: DatabaseCheck {
    static let part = "server"

    static func findings(_ maintenance: MaintenanceConnection, _ database: DatabaseSettings) throws(DatabaseError)
        -> [Finding]
    {
        try maintenance.configurationFaults().map { .wrong($0.problem, mend: $0.remedy) }
    }
}
