// The file of a log: an inherited descriptor, or a file that can be opened anew.

import Glibc
import Runtime

/// An open log. It is used by one thread.
///
/// Nothing here waits for longer than it is told to. `O_NONBLOCK` is set on files that are opened here and on
/// no inherited descriptor: it belongs to the open file description, which other processes may share.
final class LogFile: @unchecked Sendable {
    private let path: String?
    private var descriptor: Int32
    private let isSocket: Bool

    /// The most bytes that a pipe which polls as writable takes at once, without blocking and without another
    /// writer's bytes between them (pipe(7)). Pieces of this size are whole lines as a rule.
    static let pieceSize = Int(PIPE_BUF)
    /// How long to pause where a descriptor polls as writable and then takes nothing, in milliseconds.
    private static let pause: Int32 = 10

    /// Writes to a descriptor that the process was started with.
    init(inherited descriptor: Int32) {
        path = nil
        self.descriptor = descriptor
        isSocket = Self.status(of: descriptor)?.kind == S_IFSOCK
    }

    /// Appends to a file, or makes it.
    init(path: String) throws(SystemError) {
        self.path = path
        isSocket = false
        descriptor = try Self.open(path)
    }

    deinit {
        if path != nil { close(descriptor) }
    }

    /// What came of an attempt to write.
    enum Outcome {
        /// So many bytes are written.
        case written(Int)
        /// Nothing could be written within the time.
        case notYet
        case failed(SystemError)
    }

    /// Writes what can be written at once.
    ///
    /// - Parameter bytes: at most `pieceSize`.
    func write(_ bytes: UnsafeRawBufferPointer, within milliseconds: Int32) -> Outcome {
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard Glibc.poll(&poll, 1, milliseconds) > 0 else { return .notYet }
        let count =
            isSocket
            ? send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            : Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        if count > 0 { return .written(count) }
        guard count == 0 || errno == EAGAIN || errno == EINTR else {
            return .failed(SystemError(operation: "cannot write \(path ?? "to descriptor \(descriptor)")", code: errno))
        }
        Glibc.poll(nil, 0, Self.pause)
        return .notYet
    }

    /// Whether nobody can see the file any more, since its last name was removed.
    var isUnlinked: Bool {
        path != nil && Self.status(of: descriptor)?.st_nlink == 0
    }

    /// Opens the file by its name again; goes on with the old one where that fails.
    func reopen() throws(SystemError) {
        guard let path else { return }
        let opened = try Self.open(path)
        close(descriptor)
        descriptor = opened
    }

    /// Opens without waiting: a FIFO that nobody reads is an error, and would block without `O_NONBLOCK`.
    private static func open(_ path: String) throws(SystemError) -> Int32 {
        let descriptor = try system("cannot write \(path)") {
            Glibc.open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o640)
        }
        if hasTornEnd(path, descriptor) { _ = Glibc.write(descriptor, "\n", 1) }
        return descriptor
    }

    /// Whether the file ends within a line, which a process left there that was killed, or that the disk had no
    /// room for.
    private static func hasTornEnd(_ path: String, _ descriptor: Int32) -> Bool {
        guard let status = status(of: descriptor), status.kind == S_IFREG, status.st_size > 0 else { return false }
        let reader = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard reader >= 0 else { return false }
        defer { close(reader) }
        var last: UInt8 = 0
        return pread(reader, &last, 1, status.st_size - 1) == 1 && last != UInt8(ascii: "\n")
    }

    private static func status(of descriptor: Int32) -> stat? {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? status : nil
    }
}

extension stat {
    /// S_IFREG, S_IFSOCK or another.
    fileprivate var kind: mode_t { st_mode & S_IFMT }
}
