// The settings that say on which sockets the process listens, and who may connect to them.

struct ListeningVariables: SettingGroup {
    var title: String { "Listening" }

    let address = Setting<ListenAddress>(
        name: "ORBIA_LISTEN",
        type: "host:port or an absolute path",
        bounds: .length(UnixSocket.maximumPathLength, unit: "bytes"),
        defaultValue: .absent("\(ListenSettings.defaultAddress)"),
        reason: """
            Where nginx connects to: the path of a Unix socket, or a TCP address. Each process needs its own. A socket \
            that systemd (LISTEN_FDS) or spawn-fcgi (descriptor 0) hands over comes before the default. Prefer a \
            path: it is faster than TCP, its permissions say who may speak for nginx, and at a stop it is removed \
            before the last connection is accepted.
            """
    ) { ListenAddress($0) }
    let mode = Setting<Int>.permissions(
        "ORBIA_LISTEN_MODE",
        default: 0o660,
        in: 0o600...0o777,
        "Permissions of the Unix sockets. Who can write to them can speak for nginx."
    )
    let group = Setting<String>.text(
        "ORBIA_LISTEN_GROUP",
        default: .absent("the process's"),
        """
        Group of the Unix sockets. Set it to nginx's group where the service's user is a member of that, but has \
        another group as its first.
        """
    )
    let peers = Setting<AllowedPeers>(
        name: "FCGI_WEB_SERVER_ADDRS",
        type: "IP addresses with commas between",
        defaultValue: .absent("all"),
        reason: """
            Addresses of the hosts that may connect over TCP. Set it wherever ORBIA_LISTEN is a TCP address: who can \
            connect can speak for nginx.
            """
    ) { AllowedPeers($0) }
    let backlog = Setting<Int>.integer(
        "ORBIA_BACKLOG",
        default: 4_096,
        in: 1...65_535,
        """
        Connections that may wait to be accepted. One more is refused, and its request is a 502 at once. The kernel's \
        net.core.somaxconn bounds it, too.
        """
    )
    let statusAddress = Setting<StatusAddress>(
        name: "ORBIA_STATUS_LISTEN",
        type: "off or an absolute path",
        bounds: .length(UnixSocket.maximumPathLength, unit: "bytes"),
        defaultValue: .absent("X.status.sock where ORBIA_LISTEN is X.sock, off where it is a TCP address"),
        reason: "Unix socket that answers /healthz, /readyz and /metrics, for nginx's listener on the loopback address."
    ) { text in
        if text == "off" { return .off }
        guard case .path(let path) = ListenAddress(text) else { return nil }
        return .path(path)
    }
}

/// The value of ORBIA_STATUS_LISTEN.
enum StatusAddress: Hashable, Sendable {
    case off
    case path(String)
}
