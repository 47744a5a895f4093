// Whether this instance can do its work.

import Logging
import MySQLStore
import Synchronization

/// What /readyz says.
enum Readiness: String, Sendable {
    case ready = "ok"
    /// The database has not been asked yet.
    case starting
    /// The database cannot be reached, or does not answer.
    case database
    /// The schema is not as the service needs it.
    case schema
    /// The process stops.
    case draining
}

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
    }

    private func note(_ readiness: Readiness, _ reason: String) {
        let previous = found.withLock { found in
            defer { found = readiness }
            return found
        }
        guard readiness != previous else { return }
        if readiness == .ready {
            logger.notice("ready")
        } else {
            logger.error("not ready (\(readiness.rawValue)): \(reason)")
        }
    }
}

extension DatabaseError {
    /// A part of schema.sql is not there, or may not be used: not a matter of the way to the database.
    fileprivate var isOfTheSchema: Bool {
        let codes: [Code] = [
            .noSuchRoutine, .routineAccessDenied, .noSuchTable, .tableAccessDenied, .unknownColumn, .columnAccessDenied,
        ]
        return codes.contains(code)
    }
}
