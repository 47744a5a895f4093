// The check of the schema: its version, tables, columns, keys, triggers and routines.

import MySQLStore

enum SchemaCheck: DatabaseCheck {
    static let part = "schema"

    static func findings(_ maintenance: MaintenanceConnection, _ database: DatabaseSettings) throws(DatabaseError)
        -> [Finding]
    {
        let faults = try maintenance.schemaFaults()
        let remedy = Remedy(maintenance, database).applySchema
        return [true, false].compactMap { isNeeded in
            let chosen = faults.filter { $0.isNeeded == isNeeded }
            guard !chosen.isEmpty else { return nil }
            let isMendable = chosen.contains(where: \.isMendable)
            return Finding(
                kind: isNeeded ? .wrong : .note,
                problems: chosen.map(problem),
                remedy: isMendable ? remedy : nil
            )
        }
    }

    private static func problem(_ fault: SchemaFault) -> String {
        let reason = fault.why.map { "; \($0)" } ?? ""
        return "\(fault.kind) \(fault.name): \(fault.found ?? "missing"), expected \(fault.expected)\(reason)"
    }
}
