// The connections that requests are served on, for when somebody has to stop waiting on one.

internal import Glibc

/// Connections with their hosts, each with a descriptor of its own for the connection's socket: libmariadb closes
/// its descriptor when a connection is lost, and its number may be somebody else's in the next moment.
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

    /// Ends the waiting of those who wait for a host.
    func shutDown(to host: Int) {
        for entry in entries.values where entry.host == host { shutdown(entry.descriptor, Int32(SHUT_RDWR)) }
    }
}
