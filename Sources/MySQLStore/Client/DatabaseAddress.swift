// The address of a database server.

/// Where a database server listens.
public enum DatabaseAddress: Hashable, Sendable {
    /// Host name or address, and TCP port.
    case host(String, port: UInt16)
    /// Path of a Unix socket.
    case socket(String)
}

extension DatabaseAddress: CustomStringConvertible {
    /// The address as a setting spells it.
    public var description: String {
        switch self {
        case .host(let name, let port): name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
        case .socket(let path): path
        }
    }
}
