// Server variables that keep the service from writing, and that a session of the service's cannot set.

/// A part of a server's configuration that keeps the service from writing, with what an operator can do about it.
public struct ServerConfigurationFault: Hashable, Sendable {
    /// The variable with its value, and what that keeps from working.
    public var problem: String
    /// The statement or change of the configuration that mends it.
    public var remedy: String
    /// The kind of fault that the host has because of it.
    var kind: HostFault.Kind
}

extension ServerConfigurationFault {
    /// Reads the variables that `all` judges. Which of them a server has depends on its version and its build.
    static let query = """
        SHOW SESSION VARIABLES WHERE Variable_name IN ('read_only', 'innodb_read_only', 'innodb_force_recovery',
            'log_bin', 'binlog_format', 'max_allowed_packet', 'wsrep_on', 'wsrep_provider')
        """

    /// The faults in the variables that `query` has read.
    static func all(in rows: [VariableRow]) -> [ServerConfigurationFault] {
        all(in: Dictionary(rows.map { ($0.name, $0.value) }) { first, _ in first })
    }

    /// The faults in a server's variables, given as values by name.
    static func all(in variables: [String: String]) -> [ServerConfigurationFault] {
        [readOnly(variables), recovering(variables), binaryLog(variables), packet(variables), replication(variables)]
            .compactMap(\.self)
    }

    private static func readOnly(_ variables: [String: String]) -> ServerConfigurationFault? {
        if variables["innodb_read_only"] == "ON" {
            return ServerConfigurationFault(
                problem: "innodb_read_only is ON: nothing can be written",
                remedy: "take innodb_read_only out of the server's configuration and restart it",
                kind: .readOnly
            )
        }
        // From version 12 on it has more values than two.
        guard let value = variables["read_only"], !["OFF", "0"].contains(value) else { return nil }
        return ServerConfigurationFault(
            problem: "read_only is \(value): nothing can be written",
            remedy: "SET GLOBAL read_only = OFF, or name in MYSQL_HOST a server that is to take writes",
            kind: .readOnly
        )
    }

    private static func recovering(_ variables: [String: String]) -> ServerConfigurationFault? {
        guard let level = variables["innodb_force_recovery"].flatMap({ Int($0) }), level > 3 else { return nil }
        return ServerConfigurationFault(
            problem: "innodb_force_recovery is \(level): nothing can be written",
            remedy: "take innodb_force_recovery out of the server's configuration and restart it",
            kind: .readOnly
        )
    }

    private static func binaryLog(_ variables: [String: String]) -> ServerConfigurationFault? {
        guard variables["log_bin"] == "ON", variables["binlog_format"] == "STATEMENT" else { return nil }
        return ServerConfigurationFault(
            problem: "binlog_format is STATEMENT: each write is error 1665, since the service reads what is committed",
            remedy: "SET GLOBAL binlog_format = MIXED (or ROW), and the same in the server's configuration",
            kind: .unsuitable
        )
    }

    private static func packet(_ variables: [String: String]) -> ServerConfigurationFault? {
        let found = variables["max_allowed_packet"].flatMap { Int64($0) }
        guard let bytes = found, bytes < DatabaseSettings.largestPacket else { return nil }
        return ServerConfigurationFault(
            problem: "max_allowed_packet is \(bytes): the longest messages cannot be sent or read",
            remedy: "SET GLOBAL max_allowed_packet = 16777216, and the same in the server's configuration",
            kind: .unsuitable
        )
    }

    private static func replication(_ variables: [String: String]) -> ServerConfigurationFault? {
        let provider = variables["wsrep_provider"] ?? "none"
        guard variables["wsrep_on"] == "OFF", !["none", ""].contains(provider) else { return nil }
        return ServerConfigurationFault(
            problem: "wsrep_on is OFF: the cluster's other nodes would not get what is written here",
            remedy: "SET GLOBAL wsrep_on = ON, once this node has what the others have",
            kind: .unsuitable
        )
    }
}

/// A row of SHOW VARIABLES.
struct VariableRow: DecodableRow {
    var name: String
    var value: String

    init(_ row: inout RowReader) throws(DatabaseError) {
        name = try row.next()
        value = try row.next()
    }
}
