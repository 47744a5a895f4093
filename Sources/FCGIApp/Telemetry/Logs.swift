// Both logs of the process.

import Runtime

/// What the service says of itself, and what it says of requests.
struct Logs: Sendable {
    let service: ServiceLog
    /// nil: it is off.
    let access: AccessLog?

    /// How long the last lines of the access log may take at a stop, and after them those of the service's log,
    /// which may have to tell of the others.
    private static let lastWords = (access: Interval.milliseconds(1_500), service: Interval.milliseconds(500))

    /// Counts of each log, with its name in the metrics.
    var statistics: [(name: String, statistics: LogWriter.Statistics)] {
        [
            ("error", service.statistics),
            ("access", access?.statistics ?? LogWriter.Statistics(dropped: 0, errors: 0)),
        ]
    }

    /// Writes what is left, as far as readers and disks take it in time.
    func finish() {
        access?.finish(by: .now + Self.lastWords.access)
        service.finish(by: .now + Self.lastWords.service)
    }
}
