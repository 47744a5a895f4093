// Opens the conversations that no trigger opened.

import Glibc
import Logging
import MySQLStore

/// Calls the back-fill routine every minute, over the orders that changed since it last succeeded; at
/// the start, and then once an hour, over all orders.
struct Backfill {
    private let hosts: DatabaseHosts
    private let logger: Logger

    private static let interval: Int32 = 60_000
    /// … after a run that failed: by then another host of the database may be in use.
    private static let intervalAfterFailure: Int32 = 10_000
    private static let runsInAnHour = 60
    /// Seconds looked back further than need be: a transaction can be older than its commit.
    private static let margin: Int64 = 3_600

    init(_ hosts: DatabaseHosts, logger: Logger) {
        self.hosts = hosts
        self.logger = logger
    }

    func run(until stop: StopSignal) {
        var lastSuccess: Int64?
        var runs = 0
        var interval = Self.interval
        repeat {
            interval = Self.interval
            let now = Int64(time(nil))
            if runs % Self.runsInAnHour == 0 { lastSuccess = nil }
            do {
                try openMissing(changedWithin: lastSuccess.map { max(now - $0, 0) + Self.margin }, until: stop)
                lastSuccess = now
                runs += 1
            } catch {
                logger.error("back-fill: \(error)")
                interval = Self.intervalAfterFailure
            }
        } while (try? stop.wait(milliseconds: interval)) == false
    }

    /// The routine opens some hundreds a call, so that a stop need not wait for all of them.
    private func openMissing(changedWithin seconds: Int64?, until stop: StopSignal) throws {
        let maintenance = try Maintenance(hosts)
        var opened: Int64 = 0
        while true {
            let report = try maintenance.backfill(changedWithin: seconds)
            opened += report.opened
            if report.opened > 0, try !stop.wait(milliseconds: 0) { continue }
            if opened > 0 { logger.notice("back-fill opened \(opened) conversations") }
            if report.failed > 0 {
                logger.error("back-fill failed for \(report.failed) orders: \(report.lastError ?? "")")
            }
            return
        }
    }
}
