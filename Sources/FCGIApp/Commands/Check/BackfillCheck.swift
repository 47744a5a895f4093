// The check for confirmed orders that have no conversation.

import MySQLStore

enum BackfillCheck: DatabaseCheck {
    static let part = "back-fill"

    /// How long an order may be without its conversation. A running service opens it within a minute.
    private static let allowedSeconds: Int64 = 120

    static func findings(_ maintenance: MaintenanceConnection, _ database: DatabaseSettings) throws(DatabaseError)
        -> [Finding]
    {
        let orders = try maintenance.ordersWithoutConversation(for: allowedSeconds)
        guard orders.count > 0 else { return [] }
        let problem = "orders without their conversation: \(orders.count), \(orders.example ?? "") among them"
        let remedy = "start the service, which opens one for each; where it runs, its log says why not (back-fill)"
        return [.note(problem, mend: remedy)]
    }
}
