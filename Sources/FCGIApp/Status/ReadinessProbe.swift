// The thread that finds out whether this instance can do its work.

import Logging
import MySQLStore
import Runtime

/// Looks at what the hosts' keepers have found, and now and then at the schema. It has a thread of its own, so that
/// /readyz need not wait for the database.
final class ReadinessProbe: Sendable {
    private let hosts: DatabaseHosts
    private let logger: Logger
    private let found = Lock(Readiness(status: .starting))

    /// The time from one look to the next.
    private static let interval = Interval.seconds(1)
    /// The time from one look to the next until all is known for the first time.
    private static let intervalAtStart = Interval.milliseconds(50)
    /// How many looks there are from one at the schema to the next, while the schema is right.
    private static let schemaInterval = 30

    init(_ hosts: DatabaseHosts, logger: Logger) {
        self.hosts = hosts
        self.logger = logger
    }

    /// What the last look has found.
    var current: Readiness { found.withLock { $0 } }

    func run(until stop: StopSignal) {
        var looks = 0
        repeat {
            if let readiness = Readiness(hosts.statuses) {
                note(readiness)
                looks = 0
            } else if current.status != .ready || looks % Self.schemaInterval == 0 {
                note(lookAtSchema())
            }
            looks += 1
        } while !stop.wait(for: interval)
    }

    private var interval: Interval { current.status == .starting ? Self.intervalAtStart : Self.interval }

    private func lookAtSchema() -> Readiness {
        do throws(DatabaseError) {
            return Readiness(schema: try MaintenanceConnection(hosts, withRequestTimeouts: true).schemaFaults())
        } catch {
            return Readiness(status: error.isOfTheSchema ? .schema : .database, reason: "\(error)")
        }
    }

    private func note(_ readiness: Readiness) {
        let previous = found.withLock { found in
            defer { found = readiness }
            return found
        }
        guard readiness.status != previous.status || readiness.remedy != previous.remedy else { return }
        let reason = [readiness.reason, readiness.remedy.map { "to mend it: \($0)" }].compactMap(\.self)
        switch readiness.status {
        case .ready: logger.notice("\((["ready"] + reason).joined(separator: "; "))")
        case .degraded: logger.error("ready, but not for all writes: \(reason.joined(separator: "; "))")
        default: logger.error("not ready (\(readiness.status.rawValue)): \(reason.joined(separator: "; "))")
        }
    }
}

extension DatabaseError {
    /// Whether a part of schema.sql is missing or may not be used, while the database can be reached.
    fileprivate var isOfTheSchema: Bool {
        let codes: [Code] = [
            .noSuchRoutine, .routineAccessDenied, .noSuchTable, .tableAccessDenied, .unknownColumn, .columnAccessDenied,
            .noSuchDefiner,
        ]
        return codes.contains(code)
    }
}
