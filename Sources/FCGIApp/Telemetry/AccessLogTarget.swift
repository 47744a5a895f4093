// Where the access log goes.

import Glibc
import Runtime

/// Where the access log goes.
enum AccessLogTarget: Hashable, Sendable {
    case off
    case standardOutput
    case file(String)

    /// Bytes of the longest path that the system takes, less the closing NUL.
    static let maximumPathLength = Int(PATH_MAX) - 1

    /// Reads the setting's text; nil where it is no target.
    init?(_ text: String) {
        switch text {
        case "off": self = .off
        case "stdout": self = .standardOutput
        case _ where text.hasPrefix("/") && text.utf8.count <= Self.maximumPathLength: self = .file(text)
        default: return nil
        }
    }
}

extension AccessLogTarget {
    /// Opens it; nil where nothing is to be written.
    func open() throws(SystemError) -> LogFile? {
        switch self {
        case .off: nil
        case .standardOutput: LogFile(inherited: STDOUT_FILENO)
        case .file(let path): try LogFile(path: path)
        }
    }
}
