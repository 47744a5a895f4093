// A listening socket, whichever way it was made.

internal import CLinux
import Glibc
import Runtime

/// Accepts connections without waiting. It is used by one thread.
final class Listener: @unchecked Sendable {
    let descriptor: Int32
    /// Where it listens, for the log.
    let address: String
    private let origin: Origin
    private let peers: AllowedPeers

    enum Origin {
        /// It was bound here to a path, which is removed when the listener closes.
        case path(String, inode: ino_t)
        /// It was bound here to a port.
        case port
        /// It was handed over to this process. Other processes may have it as well.
        case inherited
    }

    /// - Parameter descriptor: of a listening socket; owned from here on.
    init(descriptor: Int32, address: String, origin: Origin, peers: AllowedPeers) throws(SystemError) {
        self.descriptor = descriptor
        self.address = address
        self.origin = origin
        self.peers = peers
        try system("fcntl") { fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK) }
    }

    deinit {
        close()
    }

    /// How many peers are turned away in one call.
    private static let refusalBurst = 64

    /// Accepts a connection, as a non-blocking descriptor that the caller owns; nil: none waits that may connect.
    func accept() throws(SystemError) -> Int32? {
        for _ in 0..<Self.refusalBurst {
            var peer = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            do {
                let accepted = try system("accept") {
                    accept4(descriptor, &peer, &length, Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue))
                }
                guard peers.include(peer) else {
                    _ = Glibc.close(accepted)
                    continue
                }
                if [AF_INET, AF_INET6].contains(Int32(peer.ss_family)) { sendAtOnce(accepted) }
                return accepted
            } catch {
                switch error.code {
                case EAGAIN: return nil
                // The peer is gone again.
                case ECONNABORTED: continue
                default: throw error
                }
            }
        }
        return nil
    }

    /// Removes the path, where this process has made it, so that nobody connects any more who would have to be turned
    /// away.
    func withdraw() {
        guard case .path(let path, let inode) = origin else { return }
        var status = stat()
        // By now another process may have put its own socket there.
        if stat(path, &status) == 0, status.st_ino == inode { unlink(path) }
    }

    /// Whether it was given to this process.
    var isInherited: Bool {
        if case .inherited = origin { true } else { false }
    }

    private var isClosed = false

    func close() {
        guard !isClosed else { return }
        isClosed = true
        _ = Glibc.close(descriptor)
    }

    /// Switches Nagle's algorithm off: an answer is sent in one piece, and waiting for more would only delay it.
    private func sendAtOnce(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
