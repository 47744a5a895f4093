// A listening socket that systemd or spawn-fcgi has opened.

import Glibc
import Runtime

enum InheritedSocket {
    /// Why a socket that was handed over cannot be used.
    struct HandOverError: Error, CustomStringConvertible {
        let description: String
    }

    /// The first descriptor that systemd hands over (sd_listen_fds(3)).
    private static let firstDescriptor: Int32 = 3

    /// The descriptor of the socket that was handed over: the one of LISTEN_FDS, as systemd does it, else descriptor 0
    /// where it is a listening socket, as spawn-fcgi does it (FastCGI specification, section 2.2). nil: there is none.
    ///
    /// - Parameter variable: gives the value of an environment variable; nil where it is not set.
    static func descriptor(_ variable: (String) -> String?) throws(HandOverError) -> Int32? {
        if let process = variable("LISTEN_PID"), let count = variable("LISTEN_FDS"), Int32(process) == getpid() {
            guard count == "1" else {
                throw HandOverError(description: "LISTEN_FDS hands over \(count) sockets; the service takes one")
            }
            guard isListening(firstDescriptor) else {
                throw HandOverError(description: "the socket of LISTEN_FDS does not listen")
            }
            return firstDescriptor
        }
        return isListening(STDIN_FILENO) ? STDIN_FILENO : nil
    }

    /// Listens on a descriptor that was handed over.
    static func listen(on inherited: Int32, peers: AllowedPeers) throws(SystemError) -> Listener {
        // Above the standard descriptors, and not for programs that this one might start.
        let descriptor = try system("fcntl") { fcntl(inherited, F_DUPFD_CLOEXEC, 3) }
        if inherited == STDIN_FILENO {
            let null = try system("/dev/null") { open("/dev/null", O_RDONLY) }
            try system("dup2") { dup2(null, STDIN_FILENO) }
            close(null)
        } else {
            close(inherited)
        }
        return try Listener(
            descriptor: descriptor,
            address: "the inherited descriptor \(inherited)",
            origin: .inherited,
            peers: peers
        )
    }

    private static func isListening(_ descriptor: Int32) -> Bool {
        var isListening: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0 && isListening != 0
    }
}
