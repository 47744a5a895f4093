// The connections that requests are served on, so that a thread's wait on one can be ended.

internal import Glibc

/// Connections with their hosts. Each entry has a descriptor of its own for the connection's socket: libmariadb closes
/// its descriptor when a connection is lost, and the kernel may give the number to another file at once.
struct RequestConnections: ~Copyable {
    private var entries: [ObjectIdentifier: (descriptor: Int32, host: Int)] = [:]

    mutating func add(_ connection: Connection, to host: Int) {
        let descriptor = fcntl(connection.descriptor, F_DUPFD_CLOEXEC, 0)
        guard descriptor >= 0 else { return }
        entries[ObjectIdentifier(connection)] = (descriptor, host)
    }

    mutating func remove(_ connection: Connection) {
        guard let entry = entries.removeValue(forKey: ObjectIdentifier(connection)) else { return }
        close(entry.descriptor)
    }

    /// Shuts down all connections to a host, which ends the wait of every thread for an answer from it.
    func shutDown(to host: Int) {
        for entry in entries.values where entry.host == host { shutdown(entry.descriptor, Int32(SHUT_RDWR)) }
    }
}
