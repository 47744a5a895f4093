// Where a database server listens.

/// A server's address.
public enum DatabaseAddress: Hashable, Sendable {
    /// Host name or address, and TCP port.
    case host(String, port: UInt16)
    /// Path of a Unix socket.
    case socket(String)
}

extension DatabaseAddress: CustomStringConvertible {
    /// As it is written in a setting.
    public var description: String {
        switch self {
        case .host(let name, let port): name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)"
        case .socket(let path): path
        }
    }
}
