// Each variable of a server that keeps the service from writing is named.

import Testing

@testable import MySQLStore

@Suite struct ServerConfigurationFaultTests {
    private static let good = [
        "read_only": "OFF", "innodb_read_only": "OFF", "innodb_force_recovery": "0", "log_bin": "ON",
        "binlog_format": "MIXED", "max_allowed_packet": "16777216", "wsrep_on": "OFF", "wsrep_provider": "none",
    ]

    private static func faults(_ changes: [String: String]) -> [ServerConfigurationFault] {
        ServerConfigurationFault.all(in: good.merging(changes) { $1 })
    }

    @Test(arguments: [
        [:], ["binlog_format": "ROW"], ["log_bin": "OFF", "binlog_format": "STATEMENT"],
        ["wsrep_on": "ON", "wsrep_provider": "/usr/lib/galera/libgalera_smm.so"], ["innodb_force_recovery": "3"],
    ])
    func nothingStandsInTheWay(changes: [String: String]) {
        #expect(Self.faults(changes).isEmpty)
    }

    @Test func aServerWithoutAVariableHasNoFaultInIt() {
        #expect(ServerConfigurationFault.all(in: [:]).isEmpty)
    }

    @Test(arguments: [
        ["read_only": "ON"], ["read_only": "NO_LOCK_NO_ADMIN"], ["innodb_read_only": "ON"],
        ["innodb_force_recovery": "4"], ["binlog_format": "STATEMENT"], ["max_allowed_packet": "65536"],
        ["wsrep_provider": "/usr/lib/galera/libgalera_smm.so"],
    ])
    func eachIsNamedWithItsRemedy(changes: [String: String]) throws {
        let fault = try #require(Self.faults(changes).first)
        #expect(changes.keys.contains { fault.problem.contains($0) } || fault.problem.contains("wsrep_on"))
        #expect(!fault.remedy.isEmpty)
    }
}
