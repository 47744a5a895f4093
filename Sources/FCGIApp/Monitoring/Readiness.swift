// Whether an instance can do its work, as /readyz says it.

import MySQLStore

/// What /readyz says.
struct Readiness: Hashable, Sendable {
    enum Status: String, Sendable {
        case ready = "ok"
        /// Requests are answered, but some, or all, writes are refused; `reason` tells which. No other instance
        /// could do better: the database is the same for all. So this one stays in use.
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
    /// What is wrong.
    var reason: String?
    /// What an operator can do about it.
    var remedy: String?

    /// Whether the instance is to get requests.
    var isReady: Bool { status == .ready || status == .degraded }
}

extension Readiness {
    /// What follows from the hosts alone; nil where the schema decides.
    init?(_ hosts: [DatabaseHosts.Status]) {
        guard let inUse = hosts.first(where: \.isInUse) else {
            let faults = hosts.compactMap { host in host.fault.map { "\(host.address): \($0)" } }
            self.init(status: .database, reason: faults.joined(separator: "; "))
            return
/// Asks the database from a thread of its own, so that whoever asks for readiness need not wait for it.
final class ReadinessProbe: Sendable {
    private let hosts: DatabaseHosts
    private let database: DatabaseSettings
    private let logger: Logger
    private let found = Mutex(Readiness.starting)

    /// Milliseconds from one question to the next.
    private static let interval: Int32 = 1_000
    /// The schema is looked at every so many questions, and at each while it is wrong.
    private static let schemaInterval = 30

    init(_ hosts: DatabaseHosts, _ database: DatabaseSettings, logger: Logger) {
        self.hosts = hosts
        self.database = database
        self.logger = logger
    }

    /// What was found last.
    var current: Readiness { found.withLock { $0 } }

    func run(until stop: StopSignal) {
        var connection: Maintenance?
        var questions = 0
        repeat {
            hosts.probe()
            logChanges()
            do throws(DatabaseError) {
                if connection == nil { connection = try Maintenance(database, isHurried: true) }
                guard let open = connection else { continue }
                if current != .ready || questions % Self.schemaInterval == 0 {
                    let isUsable = try !open.schemaFaults().contains(where: \.isNeeded)
                    note(isUsable ? .ready : .schema, "schema.sql is to be applied: see check")
                } else {
                    try open.ping()
                }
                questions += 1
            } catch {
                connection = nil
                note(error.isOfTheSchema ? .schema : .database, "\(error)")
            }
        } while (try? stop.wait(milliseconds: Self.interval)) == false
    }

    private func logChanges() {
        for change in hosts.takeChanges() {
            if change.isOut {
                logger.error("database host \(change.address) is out")
            } else {
                logger.notice("database host \(change.address) is back")
            }
        }
        if !inUse.isKnown {
            self.init(status: .starting)
        } else if let fault = inUse.fault {
            let isDatabase = fault.kind == .denied || fault.kind == .full
            let obstacle = inUse.obstacles.first
            self.init(
                status: isDatabase ? .database : .degraded,
                reason: "\(inUse.address): \(obstacle?.problem ?? fault.description)",
                remedy: obstacle?.remedy
            )
        } else {
            return nil
        }
    }
}
