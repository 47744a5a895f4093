// The service manager that has started this process: systemd, and whatever else speaks the protocol of sd_notify(3).

internal import Glibc

/// The socket on which the service manager is told of the process's state.
public struct ServiceManager: Sendable {
    private let path: String
    /// How long the process may be silent before it is taken for dead; nil: for as long as it likes.
    public let watchdogTimeout: Interval?

    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID; nil where nobody wants to be told.
    ///
    /// - Parameter variable: gives the value of an environment variable; nil where it is not set.
    public init?(_ variable: (String) -> String?) {
        // "@" stands for an abstract address. Addresses of other families (vsock) are for virtual machines.
        guard let path = variable("NOTIFY_SOCKET"), path.hasPrefix("/") || path.hasPrefix("@") else { return nil }
        guard path.utf8.count <= Self.longestPath else { return nil }
        self.path = path
        let isForAnother = variable("WATCHDOG_PID").map { Int32($0) != getpid() } ?? false
        let microseconds = variable("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
        watchdogTimeout = microseconds > 0 && !isForAnother ? .microseconds(microseconds) : nil
    }

    /// Bytes that fit sockaddr_un, less the closing NUL.
    private static let longestPath = 107

    /// How long a manager that does not keep up is waited for.
    private static let sendTimeout = timeval(tv_sec: 1, tv_usec: 0)

    /// Sends assignments such as READY=1, one a line.
    public func notify(_ assignments: String) throws(SystemError) {
        let failure = "cannot notify \(path)"
        let descriptor = try system(failure) { socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0) }
        defer { close(descriptor) }
        var timeout = Self.sendTimeout
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(path.utf8)
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        // An abstract address ends with its last byte, and a path with a NUL.
        let size = MemoryLayout<sa_family_t>.size + name.count + (name.first == 0 ? 0 : 1)
        let text = Array(assignments.utf8)
        let isSent = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Result { () throws(SystemError) in
                    try system(failure) {
                        Int32(sendto(descriptor, text, text.count, Int32(MSG_NOSIGNAL), pointer, socklen_t(size)))
                    }
                }
            }
        }
        _ = try isSent.get()
    }
}
