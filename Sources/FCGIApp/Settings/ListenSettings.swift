// Where the process listens: for requests, and for those who ask how it is.

import Glibc

/// Sockets, and how they are made.
struct ListenSettings: Sendable {
    /// nil: on the socket that was handed over, or else on `defaultAddress`.
    var address: ListenAddress?
    /// Path of the Unix socket for health, readiness and metrics; nil: there is none.
    var statusPath: String?
    /// It was not named, but is beside the other one: there is none where that was handed over.
    var isStatusPathDerived: Bool
    var unixSocket: UnixSocketSettings
    /// Who may connect over TCP.
    var peers: AllowedPeers
    var backlog: Int32

    static let defaultAddress = ListenAddress.path("/run/orbia-conversation/fcgi.sock")

    init(_ values: SettingValues) throws(SettingsError) {
        address = try values.optional(Settings.listen)
        unixSocket = UnixSocketSettings(
            mode: mode_t(try values.value(Settings.listenMode)),
            group: try values.optional(Settings.listenGroup)
        )
        peers = try values.optional(Settings.webServerAddresses) ?? .all
        backlog = Int32(try values.value(Settings.backlog))
        let named = try values.optional(Settings.statusListen)
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

/// A path, or nothing.
enum OptionalPath: Hashable, Sendable {
    case off
    case path(String)
}
