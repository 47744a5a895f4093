// The service's log, on standard error.

import Glibc
import Logging
import Runtime

/// Puts messages into lines, and the lines into a `LogWriter`.
final class ServiceLog: Sendable {
    private let writer: LogWriter
    private let repetitions: Lock<RepetitionLimit<LogMessage>>
    /// Whether standard error is the journal, which takes a line's priority from its beginning.
    private let isJournal: Bool

    /// How often the count of a cause that goes on is written.
    private static let window = Interval.seconds(10)
    /// How many bytes of lines may wait: those of some thousands of messages.
    private static let limit = 1 << 20

    /// Begins to write to standard error.
    init() throws(SystemError) {
        let isJournal = JournalStream.isConnected(to: STDERR_FILENO, variable: getenv("JOURNAL_STREAM"))
        self.isJournal = isJournal
        let repetitions = Lock(RepetitionLimit<LogMessage>(window: Self.window))
        self.repetitions = repetitions
        writer = try LogWriter(
            LogFile(inherited: STDERR_FILENO),
            threadName: "log",
            LogWriter.Configuration(
                limit: Self.limit,
                gatheringTime: .zero,
                notice: { gap in LogMessage(.warning, "\(gap)").line(at: .now, withPriority: isJournal) },
                dueLines: { now, isEnding in
                    repetitions.withLock { repetitions in
                        let due = repetitions.takeDue(at: now, isEnding: isEnding)
                        return (due.map { $0.line(withPriority: isJournal) }, repetitions.nextDue)
                    }
                }
            )
        )
    }

    /// Makes a logger whose messages go here.
    func logger(level: Logger.Level) -> Logger {
        Logger(label: "orbia-conversation") { _ in ServiceLogHandler(self, level: level) }
    }

    /// Writes a message, or counts it where others with the same cause were written a moment ago.
    ///
    /// - Parameter cause: nil for what does not come often.
    func log(_ message: LogMessage, cause: String?) {
        if let cause {
            let now = Instant.now
            guard repetitions.withLock({ $0.admits(message, cause: cause, at: now) }) else { return }
        }
        writer.append(message.line(at: .now, withPriority: isJournal))
    }

    /// Waits until all is written; no longer than until `deadline`.
    func finish(by deadline: Instant) {
        writer.finish(by: deadline)
    }

    var statistics: LogWriter.Statistics { writer.statistics }
}

extension LogGap: CustomStringConvertible {
    var description: String {
        let cause = failure.map { "\($0)" } ?? "its reader did not keep up"
        return "\(cause); \(dropped) lines of this log were dropped"
    }
}

extension RepetitionLimit<LogMessage>.Repetition {
    fileprivate func line(withPriority: Bool) -> [UInt8] {
        var message = newest
        message.text = "… and \(count) more of these, the last: \(newest.text)"
        return message.line(at: .now, withPriority: withPriority)
    }
}
