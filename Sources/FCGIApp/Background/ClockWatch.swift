// Notices what a database clock that was ahead has left in the future.

import Logging
import MySQLStore
import Runtime

/// Counts the conversations whose newest message is ahead of the database's clock, once a minute.
final class ClockWatch: Sendable {
    private let hosts: DatabaseHosts
    private let logger: Logger
    private let found = Lock<Int64?>(nil)

    private static let interval = Interval.seconds(60)
    /// The count reads all conversations. However many there are, it takes a thousandth of the time at the
    /// most.
    private static let rest: Int64 = 999

    init(_ hosts: DatabaseHosts, logger: Logger) {
        self.hosts = hosts
        self.logger = logger
    }

    /// How many there were when it looked last; nil before the first time.
    var conversationsAhead: Int64? { found.withLock { $0 } }

    func run(until stop: StopSignal) {
        var pause: Interval
        repeat {
            let begun = Instant.now
            do {
                note(try MaintenanceConnection(hosts).timesAhead())
            } catch {
                // What was found before stays. Readiness and the back-fill tell of the database.
            }
            pause = max(Self.interval, (.now - begun) * Self.rest)
        } while !stop.wait(for: pause)
    }

    private func note(_ times: TimesAhead) {
        let previous = found.withLock { found in
            defer { found = times.conversations }
            return found
        }
        guard times.conversations != previous ?? 0 else { return }
        guard times.conversations > 0 else {
            return logger.notice("no conversation is ahead of the database's clock any more")
        }
        logger.error(
            """
            conversations ahead of the database's clock: \(times.conversations), the furthest by \
            \(times.seconds ?? 0) s; see the command check
            """
        )
    }
}
