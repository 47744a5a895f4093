// Tables, columns, keys, triggers and routines, and the schema's version.

import MySQLStore

enum SchemaCheck: DatabaseCheck {
    static let part = "schema"

    static func findings(_ maintenance: Maintenance, _ database: DatabaseSettings) throws(DatabaseError) -> [Finding] {
        let faults = try maintenance.schemaFaults()
        let remedy = Remedy(database: database.database).applySchema
        return [true, false].compactMap { isNeeded in
            let some = faults.filter { $0.isNeeded == isNeeded }
            guard !some.isEmpty else { return nil }
            let mend = some.contains(where: \.isMendable) ? remedy : nil
            return Finding(isWrong: isNeeded, problems: some.map(problem), remedy: mend)
        }
    }

    private static func problem(_ fault: SchemaFault) -> String {
        let reason = fault.why.map { "; \($0)" } ?? ""
        return "\(fault.kind) \(fault.name): \(fault.found ?? "missing"), expected \(fault.expected)\(reason)"
    }
}
