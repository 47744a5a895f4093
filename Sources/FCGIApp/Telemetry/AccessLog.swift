// The access log: a line of JSON for each request.

import Logging
import Runtime

/// Puts the records of requests into lines, and the lines into a `LogWriter`.
final class AccessLog: Sendable {
    private let lines = Lock(AccessLogLines())
    private let writer: LogWriter

    /// How many bytes of lines may wait for a reader that does not keep up: those of some ten thousand requests.
    private static let limit = 8 << 20
    /// How long a line waits for others: a write for each line would cost more than the line.
    private static let gatheringTime = Interval.milliseconds(200)

    /// Begins to write; nil where there is to be no access log.
    ///
    /// - Parameter logger: for what keeps this log from being written.
    init?(_ target: AccessLogTarget, logger: Logger) throws(SystemError) {
        guard let file = try target.open() else { return nil }
        writer = try LogWriter(
            file,
            threadName: "access-log",
            LogWriter.Configuration(
                limit: Self.limit,
                gatheringTime: Self.gatheringTime,
                notice: { gap in AccessLogLines.notice(of: gap, at: .now) },
                reports: (logger, "access log")
            )
        )
    }

    func append(_ record: RequestRecord) {
        let now = Timestamp.now
        lines.withLock { lines in lines.withLine(about: record, at: now) { writer.append($0) } }
    }

    /// Has the file opened anew: logrotate has renamed the old one.
    func reopen() {
        writer.reopen()
    }

    /// Waits until all is written; no longer than until `deadline`.
    func finish(by deadline: Instant) {
        writer.finish(by: deadline)
    }

    var statistics: LogWriter.Statistics { writer.statistics }
}
