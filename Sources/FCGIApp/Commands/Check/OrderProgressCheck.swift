// The check of the order's progress: whether it is on, and whether what was recorded is told.

import MySQLStore

enum OrderProgressCheck: DatabaseCheck {
    static let part = "order progress"

    /// How long a change may be recorded without being told. A running service tells it within a second.
    private static let allowedSeconds: Int64 = 60

    static func findings(_ maintenance: MaintenanceConnection, _ database: DatabaseSettings) throws(DatabaseError)
        -> [Finding]
    {
        let progress = try maintenance.orderProgress()
        let state = Finding.fact(progress.isOn ? "on" : "off")
        guard let age = progress.oldestAge, age > allowedSeconds else { return [state] }
        let problem = "changes of orders that are not told: \(progress.recorded), the oldest since \(age) s"
        let remedy = "start the service, which tells them; where it runs, a row is locked, or its log says what fails"
        return [state, .note(problem, mend: remedy)]
    }
}
