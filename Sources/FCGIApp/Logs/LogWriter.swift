// The way to a log: a buffer in memory, and a thread that empties it.

import Glibc
import Logging
import Runtime

/// Takes lines from any thread without making it wait, and writes them from a thread of its own.
///
/// A reader that does not read, a full disk and a file that cannot be opened hold up that thread alone. Lines
/// wait in memory meanwhile, up to a limit; the rest is dropped, counted, and told in the log itself when it can
/// be written again.
final class LogWriter: Sendable {
    /// Counts since the start of the process.
    struct Statistics: Sendable {
        /// Lines that found the buffer full.
        var dropped: Int
        /// Attempts to write or to open that failed.
        var errors: Int
    }

    /// What the two logs differ in.
    struct Configuration: Sendable {
        /// Bytes that may wait to be written.
        var limit: Int
        /// How long a line may wait, to be written together with others.
        var gatheringTime: Interval
        /// Gives the line that tells of a gap, without a newline.
        var notice: @Sendable (LogGap) -> [UInt8]
        /// Where errors of this log are reported; nil for the log that such reports go to.
        var reports: (logger: Logger, name: String)?
        /// Gives the lines that are due, without newlines, and when to ask again; at the end, all that are left.
        var dueLines: @Sendable (_ now: Instant, _ isEnding: Bool) -> (lines: [[UInt8]], next: Instant?) = { _, _ in
            ([], nil)
        }
    }

    private struct State {
        var buffer: LogBuffer
        var isReopeningRequested = false
        /// When the thread gives up what it has not written; nil: the process goes on.
        var end: Instant?
        var hasEnded = false

        var isInterrupted: Bool { isReopeningRequested || end != nil }
    }

    private let state: Lock<State>
    private let configuration: Configuration
    /// The thread waits for it while it has nothing to do.
    private let work = Condition()
    /// The thread waits for it while it pauses, or gathers lines.
    private let interruption = Condition()
    /// `finish` waits for it: the thread has come to its end.
    private let ended = Condition()

    /// Starts the thread.
    init(_ file: LogFile, threadName: String, _ configuration: Configuration) throws(SystemError) {
        self.configuration = configuration
        state = Lock(State(buffer: LogBuffer(limit: configuration.limit)))
        _ = try Thread(threadName) { self.run(file) }
    }

    /// Adds a line. Never waits for what is slower than memory.
    ///
    /// - Parameter line: without a newline.
    func append(_ line: some Collection<UInt8>) {
        state.withLock { state in
            state.buffer.append(line)
            work.signal()
        }
    }

    /// Has the file opened anew: logrotate has renamed the old one.
    func reopen() {
        interrupt { $0.isReopeningRequested = true }
    }

    /// Waits until all is written, and the thread has ended; no longer than until `deadline`.
    func finish(by deadline: Instant) {
        interrupt { $0.end = deadline }
        _ = state.wait(for: ended, until: deadline) { $0.hasEnded ? true : nil }
    }

    var statistics: Statistics {
        state.withLock { Statistics(dropped: $0.buffer.dropped, errors: $0.buffer.errors) }
    }

    private func interrupt(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            work.signal()
            interruption.signal()
        }
    }

    // MARK: The thread

    private func run(_ file: LogFile) {
        var output = LogOutput(file)
        var linesDue: Instant?
        while true {
            let end = wait(for: output, until: [linesDue, output.reopeningDue].compactMap(\.self).min())
            linesDue = addDueLines(isEnding: end != nil)
            reopen(&output)
            if output.isEmpty { state.withLock { $0.buffer.take(into: &output.batch, notice: configuration.notice) } }
            write(&output)
            if isOver(output, end) { break }
        }
        state.withLock { state in
            state.hasEnded = true
            ended.signal()
        }
    }

    /// Waits until there is something to do; returns when the thread is to end, where it is.
    private func wait(for output: LogOutput, until due: Instant?) -> Instant? {
        if output.isStuck {
            pause(LogOutput.errorPause)
        } else if output.isEmpty {
            _ = state.wait(for: work, until: due) { $0.buffer.hasWork || $0.isInterrupted ? true : nil }
            pause(configuration.gatheringTime)
        }
        return state.withLock { $0.end }
    }

    private func pause(_ interval: Interval) {
        _ = state.wait(for: interruption, until: .now + interval) { $0.isInterrupted ? true : nil }
    }

    private func addDueLines(isEnding: Bool) -> Instant? {
        let (lines, next) = configuration.dueLines(.now, isEnding)
        for line in lines { append(line) }
        return next
    }

    private func reopen(_ output: inout LogOutput) {
        let isRequested = state.withLock { state in
            defer { state.isReopeningRequested = false }
            return state.isReopeningRequested
        }
        do {
            try output.reopen(isRequested: isRequested)
        } catch {
            state.withLock { $0.buffer.openingFailed() }
            report(error)
        }
    }

    private func write(_ output: inout LogOutput) {
        do {
            try output.write()
        } catch {
            state.withLock { $0.buffer.writingFailed(error) }
            report(error)
        }
    }

    private func report(_ error: SystemError) {
        guard let (logger, name) = configuration.reports else { return }
        logger.error("\(name): \(error)", cause: "\(name): \(error)")
    }

    /// Whether the thread has come to its end, with all written or without.
    private func isOver(_ output: LogOutput, _ end: Instant?) -> Bool {
        let hasWork = state.withLock { state in
            state.buffer.inHand = output.count
            return state.buffer.hasWork
        }
        guard let end else { return false }
        return output.isStuck || .now >= end || output.isEmpty && !hasWork
    }
}
