// A listening TCP socket.

import Glibc
import Runtime

enum TCPSocket {
    /// Listens on the first of the host's addresses that can be bound.
    static func listen(
        host: String,
        port: String,
        peers: AllowedPeers,
        backlog: Int32
    ) throws(SystemError) -> Listener {
        let name = "\(ListenAddress.port(host: host, port: port))"
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, port, &hints, &found)
        guard result == 0, let first = found else {
            let reason = String(cString: gai_strerror(result))
            throw SystemError(operation: "cannot listen on \(name): \(reason)", code: EADDRNOTAVAIL)
        }
        defer { freeaddrinfo(first) }
        var failure = SystemError(operation: "cannot listen on \(name)", code: EADDRNOTAVAIL)
        var address: UnsafeMutablePointer<addrinfo>? = first
        while let candidate = address {
            do {
                let descriptor = try open(candidate.pointee, name: name, backlog: backlog)
                return try Listener(descriptor: descriptor, address: name, origin: .port, peers: peers)
            } catch {
                failure = error
            }
            address = candidate.pointee.ai_next
        }
        throw failure
    }

    private static func open(_ address: addrinfo, name: String, backlog: Int32) throws(SystemError) -> Int32 {
        let descriptor = try system("socket") {
            socket(address.ai_family, address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), address.ai_protocol)
        }
        do throws(SystemError) {
            var on: Int32 = 1
            // A restart does not wait for the connections of the process before to be forgotten.
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            try system("cannot listen on \(name)") { bind(descriptor, address.ai_addr, address.ai_addrlen) }
            try system("cannot listen on \(name)") { Glibc.listen(descriptor, backlog) }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }
}
