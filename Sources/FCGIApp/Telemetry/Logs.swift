// The two logs of the process.

import Runtime

/// The service's log and the access log.
struct Logs: Sendable {
    let service: ServiceLog
    /// The access log; nil: it is off.
    let access: AccessLog?

    /// How long each log may take at a stop to write its last lines. The service's log comes last, since it may have to
    /// tell of the other one.
    static let finishTimes = (access: Interval.milliseconds(1_500), service: Interval.milliseconds(500))

    /// The counts of each log, with the name that it has in the metrics.
    var statistics: [(name: String, statistics: LogWriter.Statistics)] {
        [
            ("error", service.statistics),
            ("access", access?.statistics ?? LogWriter.Statistics(dropped: 0, errors: 0)),
        ]
    }

    /// Writes the lines that are left, as far as readers and disks take them in time.
    func finish() {
        access?.finish(by: .now + Self.finishTimes.access)
        service.finish(by: .now + Self.finishTimes.service)
    }
}
