// A listening Unix socket, with its permissions, on a path that no other process serves.

import Glibc
import Runtime

/// How a Unix socket is made.
struct UnixSocketSettings: Sendable {
    /// The permissions of the socket's file.
    var mode: mode_t
    /// The name of the group that the file belongs to; nil: the process's own.
    var group: String?
}

enum UnixSocket {
    /// Bytes of a path that fit sockaddr_un, less the closing NUL.
    static let maximumPathLength = 107

    /// Listens on `path`. A socket that a dead process left there is replaced, a live one never.
    ///
    /// libfcgi has a function for this that is not used: it exits the process when it cannot bind, and unlinks a path even
    /// where another process serves it.
    static func listen(
        on path: String,
        _ settings: UnixSocketSettings,
        backlog: Int32
    ) throws(SystemError) -> Listener {
        // One process at a time looks whether the path is free, and takes it.
        let lock = try lockDirectory(of: path)
        defer { close(lock) }
        let descriptor = try system("socket") {
            socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        }
        do throws(SystemError) {
            try removeStaleSocket(path)
            let failure = "cannot listen on \(path)"
            // From its first moment on the socket lets nobody in but those who may.
            let mask = umask(~settings.mode & 0o777)
            defer { umask(mask) }
            try withAddress(path) { address, length throws(SystemError) in
                try system(failure) { bind(descriptor, address, length) }
            }
            if let group = settings.group { try give(path, to: group) }
            try system(failure) { Glibc.listen(descriptor, backlog) }
            var status = stat()
            try system("stat \(path)") { stat(path, &status) }
            let origin = Listener.Origin.path(path, inode: status.st_ino)
            return try Listener(descriptor: descriptor, address: path, origin: origin, peers: .all)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func lockDirectory(of path: String) throws(SystemError) -> Int32 {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let directory = end == path.startIndex ? "/" : String(path[..<end])
        let descriptor = try system("cannot listen on \(path)") {
            open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        do {
            try system("cannot listen on \(path)") { flock(descriptor, LOCK_EX) }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func give(_ path: String, to group: String) throws(SystemError) {
        errno = 0
        guard let entry = getgrnam(group) else {
            throw SystemError(operation: "no group \(group) for \(path)", code: errno == 0 ? ENOENT : errno)
        }
        let id = entry.pointee.gr_gid
        try system("cannot give \(path) to the group \(group)") { chown(path, uid_t.max, id) }
    }

    private static func removeStaleSocket(_ path: String) throws(SystemError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw SystemError(operation: "cannot listen on \(path), which is no socket", code: EEXIST)
        }
        let probe = try system("socket") {
            socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        }
        defer { close(probe) }
        do {
            try withAddress(path) { address, length throws(SystemError) in
                try system("connect") { connect(probe, address, length) }
            }
        } catch  where error.code == ECONNREFUSED {
            unlink(path)
            return
        } catch {
            // A full backlog, or one that took the connection: somebody listens.
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
