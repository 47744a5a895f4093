// A socket that accepts connections from nginx, wherever it came from.

internal import CLinux
import Glibc
import Runtime

/// Accepts connections without waiting. Used by one thread.
final class Listener: @unchecked Sendable {
    let descriptor: Int32
    /// For the log: where it listens.
    let address: String
    private let origin: Origin
    private let peers: AllowedPeers

    enum Origin {
        /// Bound here, to a path that is to be taken away when it closes.
        case path(String, inode: ino_t)
        /// Bound here, to a port.
        case port
        /// Given to this process; others may have it as well.
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

    /// How many peers are turned away before the caller gets its turn.
    private static let refusalBurst = 64

    /// A connection, as a non-blocking descriptor that the caller owns; nil: none is waiting, or none
    /// that may connect.
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

    /// Takes the path away, where there is one that is this process's own: nobody connects any more who
    /// would have to be turned away.
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

    /// An answer is one piece; waiting for more of it would only delay it.
    private func sendAtOnce(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }
}
