// The check of the rights of the service's account.

import MySQLStore

enum PrivilegesCheck: DatabaseCheck {
    static let part = "privileges"

    static func findings(_ maintenance: MaintenanceConnection, _ database: DatabaseSettings) throws(DatabaseError)
        -> [Finding]
    {
        try Store(DatabaseHosts(database)).prepareAll()
        let denied = try maintenance.deniedRoutines()
        let remedy = Remedy(maintenance, database)
        guard denied.isEmpty else {
            return [.wrong("the account may not call \(denied.joined(separator: ", "))", mend: remedy.applySchema)]
        }
        guard let account = try maintenance.accountWithSharedRole() else { return [] }
        let problem = "\(account) still has the role orbia_conversation_app, which is one for all databases"
        return [.note(problem, mend: remedy.moveFromSharedRole)]
    }
}
