// A message of the service's log.

import Logging

/// A message, and the line that it becomes.
struct LogMessage: Sendable {
    var level: Logger.Level
    var text: String
    /// The names and values that stand behind the text.
    var metadata: [(name: String, value: String)]

    /// Bytes of the longest line: with its newline a pipe takes it in one piece.
    private static let longestLine = LogFile.pieceSize - 1

    init(_ level: Logger.Level, _ text: String, _ metadata: [(name: String, value: String)] = []) {
        self.level = level
        self.text = text
        self.metadata = metadata
    }

    /// Makes one line, without a newline: time, level, text and metadata. Control characters are escaped, so that
    /// nothing within a message can look like another line. What is too long is cut.
    ///
    /// - Parameter withPriority: whether the level stands before the line as the journal reads it (sd-daemon(3)).
    func line(at time: Timestamp, withPriority: Bool = false) -> [UInt8] {
        var line = Array("\(withPriority ? "<\(level.priority)>" : "")\(time) \(level) ".utf8)
        line.appendEscaped(text)
        for (name, value) in metadata {
            line.append(UInt8(ascii: " "))
            line.appendEscaped("\(name)=\(value)")
        }
        line.cut(toUTF8Of: Self.longestLine)
        return line
    }
}

extension Logger.Level {
    /// The priority of syslog(3) that stands for the level.
    fileprivate var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

extension [UInt8] {
    fileprivate mutating func appendEscaped(_ text: String) {
        for byte in text.utf8 {
            if byte < 0x20 || byte == 0x7F {
                append(contentsOf: "\\x\(byte < 0x10 ? "0" : "")\(String(byte, radix: 16))".utf8)
            } else {
                append(byte)
            }
        }
    }

    /// Cuts the text to at most `limit` bytes, an ellipsis among them, and not within a character.
    fileprivate mutating func cut(toUTF8Of limit: Int) {
        let ellipsis = "…".utf8
        guard count > limit else { return }
        var end = limit - ellipsis.count
        while self[end] & 0xC0 == 0x80 { end -= 1 }
        removeSubrange(end...)
        append(contentsOf: ellipsis)
    }
}
