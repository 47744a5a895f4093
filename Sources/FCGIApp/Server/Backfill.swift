// Opens the conversations that no trigger opened.

import Glibc
import Logging
import MySQLStore

/// Calls the back-fill routine at the start, over all orders, and then every minute, over those that
/// changed since it last succeeded.
struct Backfill {
    private let store: Store
    private let logger: Logger

    private static let interval: Int32 = 60_000
    /// Seconds looked back further than need be: a transaction can be older than its commit.
    private static let margin: Int64 = 3_600

    init(_ database: DatabaseSettings, health: DatabaseHealth, logger: Logger) {
        store = Store(database, health: health)
        self.logger = logger
    }

    func run(until stop: StopSignal) {
        var lastSuccess: Int64?
        repeat {
            let now = Int64(time(nil))
            do {
                let report = try store.backfill(changedWithin: lastSuccess.map { max(now - $0, 0) + Self.margin })
                if report.opened > 0 { logger.notice("back-fill opened \(report.opened) conversations") }
                if report.failed > 0 {
                    logger.error("back-fill failed for \(report.failed) orders: \(report.lastError ?? "")")
                } else {
                    lastSuccess = now
                }
            } catch {
                logger.error("back-fill: \(error)")
            }
        } while (try? stop.wait(milliseconds: Self.interval)) == false
    }
}
