// Where lines of a log are written to: a descriptor, or a file that can be opened anew.

import Glibc

/// Used by one thread.
final class LogFile: @unchecked Sendable {
    private let path: String?
    private var descriptor: Int32

    /// nil where nothing is to be written.
    init?(_ target: AccessLogTarget) throws(SystemError) {
        switch target {
        case .off:
            return nil
        case .standardOutput:
            path = nil
            descriptor = STDOUT_FILENO
        case .file(let path):
            self.path = path
            descriptor = try Self.open(path)
        }
    }

    deinit {
        if path != nil { close(descriptor) }
    }

    /// Writes all of it. What cannot be written is lost: the requests were answered all the same.
    func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno != EINTR { return }
                rest = rest.dropFirst(max(count, 0))
            }
        }
    }

    /// Opens the file by its name again; goes on with the old one where that fails.
    func reopen() {
        guard let path, let opened = try? Self.open(path) else { return }
        close(descriptor)
        descriptor = opened
    }

    private static func open(_ path: String) throws(SystemError) -> Int32 {
        try system("cannot write \(path)") { Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640) }
    }
}
