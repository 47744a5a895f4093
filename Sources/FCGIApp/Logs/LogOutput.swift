// The lines that a log's thread has in hand, and how far it has written them.

import Runtime

/// Writes lines to a file, piece by piece, and keeps its place in them. Used by one thread.
struct LogOutput {
    /// Whole lines.
    var batch: [UInt8] = []
    /// How much of `batch` is written; the rest follows when that is possible.
    private var written = 0
    private let file: LogFile
    /// The last attempt to write was an error, and not a reader that does not keep up.
    private var isFailing = false
    /// When to try again to open the file; nil: the last attempt was a success.
    private(set) var reopeningDue: Instant?

    /// How long to rest after an error.
    static let pause = Interval.seconds(1)
    /// How long one call waits for a reader, in milliseconds.
    private static let patience: Int32 = 100
    /// A batch that grew beyond this is given back to the system once it is written.
    private static let keptCapacity = 1 << 20

    init(_ file: LogFile) {
        self.file = file
    }

    /// Bytes that are not written yet.
    var count: Int { batch.count - written }

    var isEmpty: Bool { count == 0 }

    /// Whether there is no use in writing now. Lines in a file that nobody can see would be lost.
    var isStuck: Bool { isFailing || reopeningDue != nil && file.isUnlinked }

    /// Writes until nothing is left, or the file takes no more for now.
    mutating func write() throws(SystemError) {
        guard reopeningDue == nil || !file.isUnlinked else { return }
        isFailing = false
        while !isEmpty {
            switch writePiece() {
            case .written(let count):
                written += count
            case .notYet:
                return
            case .failed(let error):
                isFailing = true
                throw error
            }
        }
        batch.removeAll(keepingCapacity: batch.capacity <= Self.keptCapacity)
        written = 0
    }

    /// As many whole lines as one piece holds, or else as much of a line as it does.
    private func writePiece() -> LogFile.Outcome {
        let rest = batch[written...].prefix(LogFile.pieceSize)
        let piece = rest.lastIndex(of: UInt8(ascii: "\n")).map { rest[...$0] } ?? rest
        return piece.withUnsafeBytes { file.write($0, within: Self.patience) }
    }

    /// Opens the file anew where that is wished, where its last name was removed, or where an attempt that failed
    /// is due again. A line of which a part stands in the old file stands in the new one whole.
    mutating func reopen(isWished: Bool) throws(SystemError) {
        guard isWished || reopeningDue.map({ $0 <= .now }) ?? file.isUnlinked else { return }
        do throws(SystemError) {
            try file.reopen()
            reopeningDue = nil
            isFailing = false
            written = batch[..<written].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        } catch {
            reopeningDue = .now + Self.pause
            throw error
        }
    }
}
