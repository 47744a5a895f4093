// An address to listen on, and its text in a setting.

/// A Unix socket's path, or a host and a port.
enum ListenAddress: Hashable, Sendable {
    /// Absolute path of a Unix socket.
    case path(String)
    /// Host name or address, and TCP port.
    case port(host: String, port: String)

    /// Bytes of the longest host:port: a host's name has at most 255 (RFC 1035, section 2.3.4).
    private static let longestPort = 261

    /// Reads a path that begins with a slash, or host:port with an IPv6 address in brackets; nil for anything else.
    init?(_ text: String) {
        if text.hasPrefix("/") {
            guard text.utf8.count <= UnixSocket.maximumPathLength else { return nil }
            self = .path(text)
            return
        }
        guard text.utf8.count <= Self.longestPort, let colon = text.lastIndex(of: ":") else { return nil }
        var host = String(text[..<colon])
        let port = String(text[text.index(after: colon)...])
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, let number = UInt16(port), number > 0 else { return nil }
        self = .port(host: host, port: String(number))
    }
}

extension ListenAddress: CustomStringConvertible {
    var description: String {
        switch self {
        case .path(let path): path
        case .port(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }
}
