// The lines that a log's thread is writing, and how far it has come.

import Runtime

/// Writes lines to a file, piece by piece, and keeps its place in them. Used by one thread.
struct LogOutput {
    /// The lines that are being written, whole.
    var batch: [UInt8] = []
    /// How many bytes of `batch` are written.
    private var written = 0
    private let file: LogFile
    /// Whether the last attempt to write was an error. A reader that does not keep up is none.
    private var isFailing = false
    /// When to try again to open the file; nil: the last attempt was a success.
    private(set) var reopeningDue: Instant?

    /// How long the thread pauses after an error.
    static let errorPause = Interval.seconds(1)
    /// How long one call waits for a reader, in milliseconds.
    private static let readerTimeout: Int32 = 100
    /// The memory in bytes of the largest batch that is kept for the next one.
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

    /// Writes as many whole lines as one piece holds, or else as much of a line as it does.
    private func writePiece() -> LogFile.Outcome {
        let rest = batch[written...].prefix(LogFile.pieceSize)
        let piece = rest.lastIndex(of: UInt8(ascii: "\n")).map { rest[...$0] } ?? rest
        return piece.withUnsafeBytes { file.write($0, within: Self.readerTimeout) }
    }

    /// Opens the file anew where that is requested, where its last name was removed, or where a failed attempt is due
    /// again. A line of which a part stands in the old file is written whole to the new one.
    mutating func reopen(isRequested: Bool) throws(SystemError) {
        guard isRequested || reopeningDue.map({ $0 <= .now }) ?? file.isUnlinked else { return }
        do throws(SystemError) {
            try file.reopen()
            reopeningDue = nil
            isFailing = false
            written = batch[..<written].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        } catch {
            reopeningDue = .now + Self.errorPause
            throw error
        }
    }
}
