// The connection for everything that is not done for a request: the back-fill, `check` and readiness.

/// A connection whose calls may take a minute each, or only as long as a statement of a request.
public final class MaintenanceConnection {
    let connection: Connection

    /// Connects to the host that requests use.
    ///
    /// - Parameter withRequestTimeouts: whether calls have the time limits of a request's statements.
    public init(_ hosts: DatabaseHosts, withRequestTimeouts: Bool = false) throws(DatabaseError) {
        (connection, _) = try hosts.connect(for: withRequestTimeouts ? .requests : .maintenance)
    }

    /// Connects to one host of the settings.
    ///
    /// - Parameter host: the host's index among the addresses, from 0.
    public init(_ settings: DatabaseSettings, host: Int) throws(DatabaseError) {
        connection = try Connection(settings, host: host, for: .maintenance)
    }

    /// The parts of the server's configuration that keep the service from writing.
    public func configurationFaults() throws(DatabaseError) -> [ServerConfigurationFault] {
        ServerConfigurationFault.all(in: try Statement(connection, ServerConfigurationFault.query).rows())
    }
}
