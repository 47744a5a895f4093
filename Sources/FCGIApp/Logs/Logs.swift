// Both logs of the process.

import MySQLStore

/// What the service says of itself, and what it says of requests.
struct Logs: Sendable {
    let service: ServiceLog
    /// nil: it is off.
    let access: AccessLog?

    /// How long the last lines of both may take at a stop.
    private static let lastWords = Interval.seconds(2)

    /// Counts of each log, with its name in the metrics.
    var statistics: [(name: String, statistics: LogWriter.Statistics)] {
        [
            ("error", service.statistics),
            ("access", access?.statistics ?? LogWriter.Statistics(dropped: 0, errors: 0)),
        ]
    }

    /// Writes what is left, as far as readers and disks take it in time. Nothing is logged afterwards.
    func finish() {
        let deadline = Instant.now + Self.lastWords
        access?.finish(by: deadline)
        service.finish(by: deadline)
    }
}
