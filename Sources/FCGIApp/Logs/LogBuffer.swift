// The bounded buffer of lines that wait to be written to a log.

import Runtime

/// What a log has to tell its reader: lines are missing, or could not be written for a while.
struct LogGap: Sendable {
    /// Lines that found the buffer full.
    var dropped = 0
    /// The last error of writing; nil: there was none.
    var failure: SystemError?

    var isEmpty: Bool { dropped == 0 && failure == nil }
}

/// Keeps lines until they are written. A new line that finds the buffer full is dropped, and so no line is ever cut.
struct LogBuffer {
    /// Whole lines, each with its newline.
    private(set) var pending: [UInt8] = []
    /// Bytes that the writing thread has taken, and not written yet. They count towards the limit.
    var inHand = 0
    /// What the log's reader is told when the log can be written again.
    private(set) var gap = LogGap()
    /// Lines dropped since the start.
    private(set) var dropped = 0
    /// Attempts to write or to open that failed, since the start.
    private(set) var errors = 0

    private let limit: Int

    /// - Parameter limit: bytes that may wait.
    init(limit: Int) {
        self.limit = limit
    }

    /// Adds a line, or drops it where there is no room.
    ///
    /// - Parameter line: without a newline.
    mutating func append(_ line: some Collection<UInt8>) {
        guard pending.count + inHand + line.count < limit else {
            dropped += 1
            gap.dropped += 1
            return
        }
        pending.append(contentsOf: line)
        pending.append(UInt8(ascii: "\n"))
    }

    /// Notes that writing has failed.
    mutating func writingFailed(_ error: SystemError) {
        errors += 1
        gap.failure = error
    }

    /// Notes that the file could not be opened anew. The old one goes on without a gap.
    mutating func openingFailed() {
        errors += 1
    }

    /// Whether there is something to write.
    var hasWork: Bool { !pending.isEmpty || !gap.isEmpty }

    /// Gives all lines that wait, into an empty array, and behind them the notice of those that are missing.
    ///
    /// - Parameter notice: gives the line about a gap, without a newline.
    mutating func take(into batch: inout [UInt8], notice: (LogGap) -> [UInt8]) {
        swap(&pending, &batch)
        if !gap.isEmpty {
            batch += notice(gap)
            batch.append(UInt8(ascii: "\n"))
            gap = LogGap()
        }
        inHand = batch.count
    }
}
