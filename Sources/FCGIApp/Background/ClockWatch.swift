// The watch for times in the future, which a database clock that was ahead has left.

import Logging
import MySQLStore
import Runtime

/// Counts the conversations whose newest message is ahead of the database's clock, once a minute.
final class ClockWatch: Sendable {
    private let hosts: DatabaseHosts
    private let logger: Logger
    private let found = Lock<Int64?>(nil)

    private static let interval = Interval.seconds(60)
    /// How many times as long as a count took the next one is put off. The count reads all conversations; however many
    /// there are, it takes a thousandth of the time at the most.
    private static let pauseFactor: Int64 = 999

    init(_ hosts: DatabaseHosts, logger: Logger) {
        self.hosts = hosts
        self.logger = logger
    }

    /// How many conversations the last count found; nil before the first.
    var conversationsAhead: Int64? { found.withLock { $0 } }

    func run(until stop: StopSignal) {
        var pause: Interval
        repeat {
            let begun = Instant.now
            do {
                note(try MaintenanceConnection(hosts).timesAhead())
            } catch {
                // The last count is kept. Readiness and the back-fill tell of a database that cannot be asked.
            }
            pause = max(Self.interval, (.now - begun) * Self.pauseFactor)
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
