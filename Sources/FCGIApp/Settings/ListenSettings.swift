// The sockets that the process listens on: for requests, and for health and metrics.

import Glibc

struct ListenSettings: Sendable {
    /// nil: the socket that was handed over, or else `defaultAddress`.
    var address: ListenAddress?
    /// Path of the Unix socket for health, readiness and metrics; nil: there is none.
    var statusPath: String?
    /// Whether `statusPath` follows from `address`. Then there is no status socket where the other one was handed over.
    var isStatusPathDerived: Bool
    var unixSocket: UnixSocketSettings
    /// The hosts that may connect over TCP.
    var peers: AllowedPeers
    var backlog: Int32

    static let defaultAddress = ListenAddress.path("/run/orbia-conversation/fcgi.sock")

    init(_ values: SettingValues) throws(SettingsError) {
        address = try values.optional(\.listening.address)
        unixSocket = UnixSocketSettings(
            mode: mode_t(try values.value(\.listening.mode)),
            group: try values.optional(\.listening.group)
        )
        peers = try values.optional(\.listening.peers) ?? .all
        backlog = Int32(try values.value(\.listening.backlog))
        let named = try values.optional(\.listening.statusAddress)
        isStatusPathDerived = named == nil
        switch named {
        case .some(.off): statusPath = nil
        case .some(.path(let path)): statusPath = path
        case .none: statusPath = try Self.statusPath(beside: address ?? Self.defaultAddress)
        }
        if let statusPath, address ?? Self.defaultAddress == .path(statusPath) {
            throw SettingsError("ORBIA_STATUS_LISTEN must be another path than ORBIA_LISTEN")
        }
    }

    private static func statusPath(beside address: ListenAddress) throws(SettingsError) -> String? {
        guard case .path(let path) = address else { return nil }
        let status = (path.hasSuffix(".sock") ? String(path.dropLast(5)) : path) + ".status.sock"
        guard case .path = ListenAddress(status) else {
            throw SettingsError("ORBIA_STATUS_LISTEN must be set: beside ORBIA_LISTEN its path would be too long")
        }
        return status
    }
}
