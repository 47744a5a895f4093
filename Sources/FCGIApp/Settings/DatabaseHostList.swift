// The hosts of MYSQL_HOST.

import MySQLStore

/// A host, with a port where one was written behind it.
struct DatabaseHost: Hashable, Sendable {
    var name: String
    var port: UInt16?
}

/// Hosts with commas between.
struct DatabaseHostList: Hashable, Sendable {
    var hosts: [DatabaseHost]

    /// More than a cluster has. Each is tried in turn where the others do not answer.
    static let maximumCount = 16
    /// Bytes of a part: a host's name (RFC 1035, section 2.3.4), its port, and some blanks.
    private static let longestPart = 300

    /// `host`, `host:port`, `[::1]` or `[::1]:port`, with commas between; nil for anything else. An IPv6
    /// address without brackets is one without a port.
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

    /// Where the settings say that the database is.
    static func addresses(_ values: SettingValues) throws(SettingsError) -> [DatabaseAddress] {
        let list = try values.value(Settings.mysqlHost)
        let port = UInt16(try values.value(Settings.mysqlPort))
        if let path = try values.optional(Settings.mysqlSocket) { return [.socket(path)] }
        return list.hosts.map { .host($0.name, port: $0.port ?? port) }
    }
}
