// Orders that no back-fill has opened a conversation for.

import MySQLStore

enum BackfillCheck: DatabaseCheck {
    static let part = "back-fill"

    /// A service that runs opens what is missing within a minute.
    private static let seconds: Int64 = 120

    static func findings(_ maintenance: Maintenance, _ database: DatabaseSettings) throws(DatabaseError) -> [Finding] {
        let orders = try maintenance.ordersWithoutConversation(for: seconds)
        guard orders.count > 0 else { return [] }
        let problem = "orders without their conversation: \(orders.count), \(orders.example ?? "") among them"
        let remedy = "start the service, which opens them; where it runs, its log says why it could not (back-fill)"
        return [.note(problem, mend: remedy)]
    }
}
