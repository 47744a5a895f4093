// The check for times in the future, which a database clock that was ahead has left in rows.

import MySQLStore
import Runtime

enum ClockCheck: DatabaseCheck {
    static let part = "clock"

    static func findings(_ maintenance: MaintenanceConnection, _ database: DatabaseSettings) throws(DatabaseError)
        -> [Finding]
    {
        let times = try maintenance.timesAhead()
        let readers = try maintenance.readersAhead()
        var problems: [String] = []
        if times.conversations > 0 {
            problems.append(
                """
                conversations ahead of the database's clock: \(times.conversations), the furthest by \
                \(times.seconds ?? 0) s, id \(times.example ?? 0) among them
                """
            )
        }
        if readers > 0 { problems.append("members with last_read_at ahead of the database's clock: \(readers)") }
        let remedy = "see to the clocks of the database's hosts; then docs/operations.md, \"Times that are ahead\""
        return problems.isEmpty ? [] : [Finding(kind: .note, problems: problems, remedy: remedy)]
    }
}
