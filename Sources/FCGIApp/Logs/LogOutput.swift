// The lines that a log's thread has in hand, and how far it has written them.

/// Writes lines to a file, piece by piece, and keeps its place in them. Used by one thread.
struct LogOutput {
    let file: LogFile
    /// Whole lines.
    var batch: [UInt8] = []
    /// How much of `batch` is written; the rest follows when that is possible.
    private var written = 0
    /// The last attempt to write was an error, and not a reader that does not keep up.
    private(set) var isFailing = false

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

    /// Writes until nothing is left, or the file takes no more for now.
    mutating func write() throws(SystemError) {
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

    /// Opens the file anew. A line of which a part stands in the old one stands in the new one whole.
    mutating func reopen() throws(SystemError) {
        try file.reopen()
        isFailing = false
        written = batch[..<written].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    }

    /// As many whole lines as one piece holds, or else as much of a line as it does.
    private func writePiece() -> LogFile.Outcome {
        let rest = batch[written...].prefix(LogFile.pieceSize)
        let piece = rest.lastIndex(of: UInt8(ascii: "\n")).map { rest[...$0] } ?? rest
        return piece.withUnsafeBytes { file.write($0, within: Self.patience) }
    }
}
