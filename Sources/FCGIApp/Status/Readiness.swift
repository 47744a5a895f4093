// The answer of /readyz: whether an instance can do its work.

import MySQLStore

/// What /readyz says.
struct Readiness: Hashable, Sendable {
    enum Status: String, Sendable {
        case ready = "ok"
        /// Requests are answered, but some writes, or all, are refused; `reason` tells which. The instance stays in use,
        /// since no other one could do better on the same database.
        case degraded
        /// The database has not been asked yet.
        case starting
        /// The database cannot be reached, or does not answer.
        case database
        /// The schema is not as the service needs it.
        case schema
        /// The process stops.
        case draining
    }

    var status: Status
    /// What is wrong, or worth to know of an instance that is ready; nil: nothing is, or nothing is known.
    var reason: String?
    /// What an operator can do about it; nil where the reason says it.
    var remedy: String?

    /// Whether the instance is to get requests.
    var isReady: Bool { status == .ready || status == .degraded }
}

extension Readiness {
    /// Judges by the state of the database's hosts; nil where the schema decides.
    init?(_ hosts: [DatabaseHosts.Status]) {
        guard let inUse = hosts.first(where: \.isInUse) else {
            let faults = hosts.compactMap { host in host.fault.map { "\(host.address): \($0)" } }
            self.init(status: .database, reason: faults.joined(separator: "; "))
            return
        }
        if !inUse.isKnown {
            self.init(status: .starting)
        } else if let fault = inUse.fault {
            let isDatabase = fault.kind == .denied || fault.kind == .full
            let known = inUse.configurationFaults.first
            self.init(
                status: isDatabase ? .database : .degraded,
                reason: "\(inUse.address): \(known?.problem ?? fault.description)",
                remedy: known?.remedy
            )
        } else {
            return nil
        }
    }
    /// Judges by the faults of the schema. An older schema.sql than the database's is never what mends them.
    init(schema faults: [SchemaFault]) {
        let version = faults.first(where: \.isOfTheVersion)
        let isNewer = version.map { !$0.isMendable } ?? false
        guard faults.contains(where: \.isNeeded) else {
            self.init(status: .ready, reason: isNewer ? version?.why : nil)
            return
        }
        guard isNewer, let version else {
            self.init(status: .schema, reason: "schema.sql is to be applied: see check")
            return
        }
        let mend = "schema.sql of version \(version.found ?? ""), which the database has, is to be applied: see check"
        self.init(status: .schema, reason: version.isNeeded ? version.why : mend)
    }
}
