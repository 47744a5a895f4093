// The socket that nginx connects to.

import Glibc
import Synchronization

/// Listens on a Unix socket, and hands its connections to whichever worker asks.
///
/// Opened here and not by libfcgi, which exits the process when it cannot bind, and unlinks a path
/// even where another process serves it.
final class UnixListener: Sendable {
    private let path: String
    private let descriptor: Int32
    private let inode: ino_t
    private let stop: StopSignal
    /// One worker waits in `poll`, the others for it: a connection wakes no more than one.
    private let turn = Mutex(())

    /// Bytes of a path that fit sockaddr_un, less the closing NUL.
    static let maximumPathLength = 107

    /// How many connections may wait to be accepted. A full backlog is a 502 at once; the kernel's
    /// own bound is net.core.somaxconn.
    private static let backlog: Int32 = 4096

    /// Binds to `path`. A socket that a dead process left there is replaced, a live one never.
    init(path: String, mode: mode_t, stop: StopSignal) throws(SystemError) {
        let descriptor = try system("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
        do throws(SystemError) {
            try system("fcntl") { fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
            try system("fcntl") { fcntl(descriptor, F_SETFL, O_NONBLOCK) }
            try Self.removeStaleSocket(path)
            // No moment in which the socket is more open than it is to be.
            let mask = umask(~mode & 0o777)
            defer { umask(mask) }
            try Self.withAddress(path) { address, length throws(SystemError) in
                try system("cannot listen on \(path)") { bind(descriptor, address, length) }
            }
            try system("cannot listen on \(path)") { listen(descriptor, Self.backlog) }
            var status = stat()
            try system("stat \(path)") { stat(path, &status) }
            self.path = path
            self.descriptor = descriptor
            self.inode = status.st_ino
            self.stop = stop
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit {
        close(descriptor)
    }

    /// A connection, as a blocking descriptor that the caller owns. Waits for one until the service
    /// stops; what was already waiting then is still handed out, and nil comes after it.
    func accept() throws(SystemError) -> Int32? {
        while true {
            let connection = try turn.withLock { _ throws(SystemError) in
                let isStopped = try stop.waitFor(readable: descriptor)
                return (try acceptWaiting(), isStopped)
            }
            switch connection {
            case (let accepted?, _): return accepted
            case (nil, true): return nil
            case (nil, false): continue
            }
        }
    }

    /// Takes the path away, so that nobody connects any more: nginx then goes to another process.
    func removePath() {
        var status = stat()
        // By now another process may have put its own socket there.
        if stat(path, &status) == 0, status.st_ino == inode { unlink(path) }
    }

    private func acceptWaiting() throws(SystemError) -> Int32? {
        do {
            let accepted = try system("accept") { Glibc.accept(descriptor, nil, nil) }
            _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
            return accepted
        } catch {
            // The peer is gone again, or another process was faster.
            if [EAGAIN, ECONNABORTED].contains(error.code) { return nil }
            throw error
        }
    }

    private static func removeStaleSocket(_ path: String) throws(SystemError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw SystemError(operation: "cannot listen on \(path), which is no socket", code: EEXIST)
        }
        let probe = try system("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
        defer { close(probe) }
        do {
            try withAddress(path) { address, length throws(SystemError) in
                try system("connect") { connect(probe, address, length) }
            }
        } catch  where error.code == ECONNREFUSED {
            unlink(path)
            return
        }
        throw SystemError(operation: "cannot listen on \(path), which another process serves", code: EADDRINUSE)
    }

    private static func withAddress(
        _ path: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(SystemError) -> Void
    ) throws(SystemError) {
        precondition(path.utf8.count <= maximumPathLength, "checked by the settings")
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Result { () throws(SystemError) in try body(pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) }
            }
        }
        try result.get()
    }
}
