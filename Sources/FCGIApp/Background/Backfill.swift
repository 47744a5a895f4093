// The back-fill, which opens the conversations that no trigger has opened.

import Glibc
import Logging
import MySQLStore
import Runtime

/// Calls the back-fill routine every minute, for the orders that `BackfillSchedule` names. The result is in `status`, and
/// in the log for as long as something is wrong.
struct Backfill: Sendable {
    let status = BackfillStatus()
    private let hosts: DatabaseHosts
    private let logger: Logger

    private static let interval = Interval.seconds(60)

    init(_ hosts: DatabaseHosts, logger: Logger) {
        self.hosts = hosts
        self.logger = logger
    }

    func run(until stop: StopSignal) {
        var schedule = BackfillSchedule()
        repeat {
            let begun = Instant.now
            let part = schedule.next(at: begun)
            let result = openMissing(part, until: stop)
            schedule.ran(part, begun: begun, ended: .now, result)
            status.record(result, ordersFailed: schedule.ordersFailed, at: Int64(time(nil)))
            log(result, schedule)
        } while !stop.wait(for: Self.interval)
    }

    /// Calls the routine until nothing is left to open. It opens some hundreds a call, so that a stop need not wait for
    /// all of them.
    private func openMissing(_ part: BackfillSchedule.Part, until stop: StopSignal) -> BackfillResult {
        var opened: Int64 = 0
        do {
            let maintenance = try MaintenanceConnection(hosts)
            while true {
                let report = try maintenance.backfill(changedWithin: part.seconds)
                opened += report.opened
                if report.opened > 0, !stop.wait(for: .zero) { continue }
                return BackfillResult(report, opened: opened)
            }
        } catch {
            return BackfillResult(kind: .failed, opened: opened, reason: "\(error)")
        }
    }

    /// Tells what is wrong again after each run, which is a line a minute.
    private func log(_ result: BackfillResult, _ schedule: BackfillSchedule) {
        if result.opened > 0 { logger.notice("back-fill opened \(result.opened) conversations") }
        let runs = schedule.failedRuns
        switch result.kind {
        case .done:
            break
        case .failed:
            logger.error("back-fill failed, \(runs) in a row: \(result.reason); see the command check")
        case .busy where runs > 1:
            logger.error("back-fill did nothing, \(runs) in a row: \(result.reason)")
        case .busy:
            // Instances that start together meet like this.
            logger.info("back-fill left it to another session: \(result.reason)")
        }
        if schedule.ordersFailed > 0 {
            logger.error("back-fill failed for \(schedule.ordersFailed) orders, the last: \(schedule.lastError)")
        }
    }
}
