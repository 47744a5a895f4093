// A line of JSON for each request.

import Glibc
import Logging
import Runtime

/// Where the access log goes.
enum AccessLogTarget: Hashable, Sendable {
    case off
    case standardOutput
    case file(String)

    /// What the system takes as a path, less the closing NUL.
    static let maximumPathLength = Int(PATH_MAX) - 1

    init?(_ text: String) {
        switch text {
        case "off": self = .off
        case "stdout": self = .standardOutput
        case _ where text.hasPrefix("/") && text.utf8.count <= Self.maximumPathLength: self = .file(text)
        default: return nil
        }
    }
}

/// Puts the records of requests into lines, and the lines into a `LogWriter`.
final class AccessLog: Sendable {
    private let lines = Lock(AccessLogLines())
    private let writer: LogWriter

    /// Bytes of lines that may wait for a reader that does not keep up: some ten thousand requests.
    private static let limit = 8 << 20
    /// A write for each line would cost more than the line.
    private static let gathering = Interval.milliseconds(200)

    /// Begins to write; nil where there is to be no access log.
    ///
    /// - Parameter logger: is told what keeps this log from being written.
    init?(_ target: AccessLogTarget, logger: Logger) throws(SystemError) {
        guard let file = try target.open() else { return nil }
        writer = try LogWriter(
            file,
            threadName: "access-log",
            LogWriter.Settings(
                limit: Self.limit,
                gathering: Self.gathering,
                notice: { gap in AccessLogLines.notice(of: gap, at: .now) },
                reports: (logger, "access log")
            )
        )
    }

    func append(_ record: RequestRecord) {
        let now = Timestamp.now
        lines.withLock { lines in lines.withLine(about: record, at: now) { writer.append($0) } }
    }

    /// Has the file opened anew, as logrotate wants it after it has renamed it.
    func reopen() {
        writer.reopen()
    }

    /// Waits until all is written; no longer than until `deadline`.
    func finish(by deadline: Instant) {
        writer.finish(by: deadline)
    }

    var statistics: LogWriter.Statistics { writer.statistics }
}

extension AccessLogTarget {
    /// nil where nothing is to be written.
    fileprivate func open() throws(SystemError) -> LogFile? {
        switch self {
        case .off: nil
        case .standardOutput: LogFile(inherited: STDOUT_FILENO)
        case .file(let path): try LogFile(path: path)
        }
    }
}
