// The value of MYSQL_HOST: one host or several.

import MySQLStore

struct DatabaseHost: Hashable, Sendable {
    var name: String
    /// nil: the one of MYSQL_PORT.
    var port: UInt16?
}

struct DatabaseHostList: Hashable, Sendable {
    var hosts: [DatabaseHost]

    /// Workers try the hosts in turn while none answers. A cluster has fewer than this.
    static let maximumCount = 16
    /// The longest part in bytes: a host's name (RFC 1035, section 2.3.4), its port, and some blanks.
    private static let longestPart = 300

    /// Reads `host`, `host:port`, `[::1]` or `[::1]:port`, or several of these with commas between; nil for anything
    /// else. An IPv6 address without brackets has no port.
    init?(_ text: String) {
        hosts = []
        let parts = text.split(separator: ",", maxSplits: Self.maximumCount, omittingEmptySubsequences: false)
        guard parts.count <= Self.maximumCount else { return nil }
        for part in parts {
            guard part.utf8.count <= Self.longestPart, let host = Self.host(part.drop(while: \.isWhitespace)) else {
                return nil
            }
            hosts.append(host)
        }
    }

    private static func host(_ text: Substring) -> DatabaseHost? {
        let match = text.wholeMatch(of: /(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^\[\]:\s\/]+))(?::([0-9]+))?\s*/)
        guard let match else {
            let isBareIPv6 = text.wholeMatch(of: /[0-9A-Fa-f]*:[0-9A-Fa-f:.]+/) != nil
            return isBareIPv6 ? DatabaseHost(name: String(text), port: nil) : nil
        }
        guard let name = match.1 ?? match.2 else { return nil }
        guard let digits = match.3 else { return DatabaseHost(name: String(name), port: nil) }
        guard let port = UInt16(digits), port > 0 else { return nil }
        return DatabaseHost(name: String(name), port: port)
    }

    /// Returns the addresses of the database: the socket where one is set, or else the hosts.
    static func addresses(_ values: SettingValues) throws(SettingsError) -> [DatabaseAddress] {
        let list = try values.value(\.database.host)
        let port = UInt16(try values.value(\.database.port))
        if let path = try values.optional(\.database.socket) { return [.socket(path)] }
        return list.hosts.map { .host($0.name, port: $0.port ?? port) }
    }
}
