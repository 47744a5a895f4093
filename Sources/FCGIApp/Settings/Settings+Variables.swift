// Every setting of the service: its variable, default, range, and why one would change it.

import Logging
import MySQLStore
import Runtime

extension Settings {
    // MARK: The database

    static let mysqlHost = Setting<DatabaseHostList>(
        name: "MYSQL_HOST",
        defaultText: "127.0.0.1",
        explanation: """
            Host of the database server, or several with commas between, each with a port of its own where it has one \
            (host:port, [::1]:port). All workers use the first that answers and may write; they pass over one that \
            does not, and return to it when it does again.
            """,
        expectation: "host or host:port, or up to \(DatabaseHostList.maximumCount) of them with commas between"
    ) { DatabaseHostList($0) }
    static let mysqlPort = Setting<Int>(
        "MYSQL_PORT",
        default: "3306",
        in: 1...65_535,
        "TCP port of the hosts that have none of their own."
    )
    static let mysqlSocket = Setting<String>(
        name: "MYSQL_SOCKET",
        defaultText: nil,
        explanation: "Path of the server's Unix socket, used in place of host and port where it is set.",
        expectation: "a path of at most \(UnixSocket.maximumPathLength) bytes"
    ) { path in
        path.utf8.count <= UnixSocket.maximumPathLength ? path : nil
    }
    static let mysqlDatabase = Setting<String>(
        "MYSQL_DATABASE",
        default: "orbia",
        maximumLength: 64,
        "The database that schema.sql was applied to."
    )
    static let mysqlUsername = Setting<String>(
        "MYSQL_USERNAME",
        default: "orbia_conversation",
        maximumLength: 128,
        "The service's account: the role orbia_conversation_app_DATABASE as its default role, and nothing else."
    )
    static let mysqlPassword = Setting<String>("MYSQL_PASSWORD", "The account's password.")
    static let mysqlTLS = Setting<TransportSecurity.Mode>(
        name: "MYSQL_TLS",
        defaultText: "off",
        explanation: """
            Encryption of TCP connections to the database: off; required, with whoever answers; verify, with a \
            certificate for the host in MYSQL_HOST, signed by an authority of MYSQL_TLS_CA.
            """,
        expectation: "off, required or verify"
    ) { TransportSecurity.Mode(rawValue: $0) }
    static let mysqlTLSAuthority = Setting<String>.file(
        "MYSQL_TLS_CA",
        "The authorities that are trusted, in PEM (default: the system's)."
    )
    static let mysqlTLSCertificate = Setting<String>.file(
        "MYSQL_TLS_CERT",
        "The service's own certificate, in PEM, where the server wants one (REQUIRE X509)."
    )
    static let mysqlTLSKey = Setting<String>.file("MYSQL_TLS_KEY", "Its private key, in PEM.")

    // MARK: Tokens

    static let jwtSecret = Setting<String>(
        "JWT_SECRET",
        "Required. The secret that the platform signs its tokens with (HS256); 32 bytes or more."
    )
    static let jwtSecretPrevious = Setting<String>(
        "JWT_SECRET_PREVIOUS",
        "A second secret whose tokens are still good: while the secret is being changed, nobody is logged out."
    )
    static let jwtIssuer = Setting<String>(
        "JWT_ISSUER",
        "What a token's `iss` must say (the platform's: orbia_api). Not checked where this is not set."
    )

    // MARK: Listening

    static let listen = Setting<ListenAddress>(
        name: "ORBIA_LISTEN",
        defaultText: nil,
        explanation: """
            Where nginx connects to: the path of a Unix socket, or host:port. Each process has its own. Where this is \
            not set, the socket that systemd (LISTEN_FDS) or spawn-fcgi (descriptor 0) hands over, else \
            \(ListenSettings.defaultAddress). Prefer a path: it is faster than TCP, its permissions say who may \
            speak for nginx, and at a stop it is taken away before the last connection is accepted.
            """,
        expectation: "an absolute path of at most \(UnixSocket.maximumPathLength) bytes, or host:port"
    ) { ListenAddress($0) }
    static let listenMode = Setting<Int>(
        name: "ORBIA_LISTEN_MODE",
        defaultText: "0660",
        range: ("0600", "0777"),
        explanation: "Permissions of the Unix sockets, octal. Who can write to them can speak for nginx.",
        expectation: "an octal number from 0600 to 0777"
    ) { text in
        Int(text, radix: 8).flatMap { (0o600...0o777).contains($0) ? $0 : nil }
    }
    static let listenGroup = Setting<String>(
        "ORBIA_LISTEN_GROUP",
        "The group of the Unix sockets: nginx's, where the service's user is in it but has another as its first."
    )
    static let webServerAddresses = Setting<AllowedPeers>(
        name: "FCGI_WEB_SERVER_ADDRS",
        defaultText: nil,
        explanation: """
            Addresses of the hosts that may connect over TCP, with commas between. All may where this is not set: \
            set it, since who can connect can speak for nginx.
            """,
        expectation: "IP addresses with commas between"
    ) { AllowedPeers($0) }
    static let backlog = Setting<Int>(
        "ORBIA_BACKLOG",
        default: "4096",
        in: 1...65_535,
        """
        Connections that may wait to be accepted; to connect beyond that is a 502 at once. The kernel's own bound is \
        net.core.somaxconn.
        """
    )
    static let statusListen = Setting<OptionalPath>(
        name: "ORBIA_STATUS_LISTEN",
        defaultText: nil,
        explanation: """
            Path of the Unix socket that answers /healthz, /readyz and /metrics, for nginx's loopback listener; \
            "off" for none (default: X.status.sock where ORBIA_LISTEN is X.sock, none where it is a port).
            """,
        expectation: "an absolute path of at most \(UnixSocket.maximumPathLength) bytes, or off"
    ) { text in
        if text == "off" { return .off }
        guard case .path(let path) = ListenAddress(text) else { return nil }
        return .path(path)
    }

    // MARK: Limits

    static let workers = Setting<Int>(
        "ORBIA_WORKERS",
        default: "8",
        in: 1...256,
        """
        Worker threads, each with a database connection: how many requests run at once. They mostly wait for the \
        database, so a few for each core; more than the database serves at once only queue up there. A quarter of \
        them (of two or three, one) serves reads alone: what blocks writes does not block these.
        """
    )
    static let waitingWrites = Setting<Int>(
        "ORBIA_WRITE_QUEUE_LENGTH",
        default: "1024",
        in: 0...65_535,
        """
        Writes that may wait, beside the queue: for one of the workers that write, or for others that write to the same \
        conversation. One more is answered 503 at once.
        """
    )
    static let parkedWritesOfConversation = Setting<Int>(
        "ORBIA_PARKED_WRITES_PER_CONVERSATION",
        default: "128",
        in: 0...65_535,
        """
        How many of those may wait for one conversation: one whose row somebody keeps locked does not take the places \
        of the others.
        """
    )
    static let queueLength = Setting<Int>(
        "ORBIA_QUEUE_LENGTH",
        default: "1024",
        in: 1...65_535,
        """
        Requests that may wait for a worker. One more is answered 503 at once: by then waiting would end in a 503 \
        anyway, unless the workers answer more than this many in ORBIA_QUEUE_AGE.
        """
    )
    static let queueAge = Setting<Interval>(
        "ORBIA_QUEUE_AGE",
        default: "1s",
        in: .milliseconds(10)...(.seconds(60)),
        """
        How long a request may wait for a worker, and a write for its turn, together; after that it is answered 503 with Retry-After. Clients poll every \
        few seconds: an answer that comes later than the next poll helps nobody.
        """
    )
    static let connections = Setting<Int>(
        "ORBIA_CONNECTIONS",
        default: "4096",
        in: 1...65_535,
        """
        Connections at once. Beyond it none is accepted, and the backlog holds them. nginx keeps idle connections: \
        hosts x worker processes x the upstream's keepalive; each takes a descriptor and up to 5 KB.
        """
    )
    static let readTimeout = Setting<Interval>(
        "ORBIA_READ_TIMEOUT",
        default: "5s",
        in: .milliseconds(10)...(.seconds(600)),
        """
        How long a request may take to come in, once it has begun; then its connection is closed. nginx sends it in \
        one piece. No worker waits for it.
        """
    )
    static let writeTimeout = Setting<Interval>(
        "ORBIA_WRITE_TIMEOUT",
        default: "5s",
        in: .milliseconds(10)...(.seconds(600)),
        """
        How long nginx may take to take an answer, for which a worker waits; then its connection is closed. Shorter \
        where nginx buffers answers on the same host.
        """
    )
    static let idleTimeout = Setting<Interval>(
        "ORBIA_IDLE_TIMEOUT",
        default: "60s",
        in: .milliseconds(10)...(.seconds(86_400)),
        """
        How long a connection may be without a request; then it is closed. Longer than the upstream's \
        keepalive_timeout in nginx: a request that meets a closing connection is a 502.
        """
    )
    static let deadline = Setting<Interval>(
        "ORBIA_DEADLINE",
        default: "3s",
        in: .seconds(1)...(.seconds(60)),
        """
        How long a request may take from when a worker has it; then it is answered 503. Calls of the database get \
        what is left of it. Shorter than nginx's fastcgi_read_timeout by more than ORBIA_QUEUE_AGE.
        """
    )
    static let bodyLimit = Setting<Int>(
        "ORBIA_BODY_LIMIT",
        default: "524288",
        in: 1...16_777_216,
        """
        Bytes of the largest request body; beyond it 413. A content of the greatest size, with every byte escaped, \
        has 393 KB. Not below nginx's client_max_body_size, which answers first.
        """
    )
    static let drainTimeout = Setting<Interval>(
        "ORBIA_DRAIN_TIMEOUT",
        default: "20s",
        in: .zero...(.seconds(600)),
        """
        How long a process that is to stop serves nginx's kept connections; then it closes those that are idle. \
        Longer than keepalive_time and keepalive_timeout of the upstream together: a request that meets a closing \
        connection is a 502.
        """
    )

    // MARK: Logs

    static let logLevel = Setting<Logger.Level>(
        name: "ORBIA_LOG_LEVEL",
        defaultText: "info",
        explanation: "The least severe messages to log, on standard error: debug, info, notice, warning or error.",
        expectation: "one of debug, info, notice, warning, error"
    ) { text in
        Logger.Level(rawValue: text).flatMap { $0 == .trace || $0 == .critical ? nil : $0 }
    }
    static let slow = Setting<Interval>(
        "ORBIA_SLOW",
        default: "1s",
        in: .zero...(.seconds(600)),
        "A request that takes longer, its time in the queue included, is logged as a warning besides."
    )
    static let accessLog = Setting<AccessLogTarget>(
        name: "ORBIA_ACCESS_LOG",
        defaultText: "stdout",
        explanation: """
            Where a line of JSON for each request goes: stdout, the path of a file, or off. A file is opened anew on \
            SIGUSR1, for logrotate.
            """,
        expectation: "stdout, off, or an absolute path of at most \(AccessLogTarget.maximumPathLength) bytes"
    ) { AccessLogTarget($0) }

    static let timeZone = Setting<String>(
        name: "TZ",
        defaultText: nil,
        explanation: "The time zone of `joined_at` and of a conversation's `created_at` (default: the system's).",
        expectation: "a time zone that this system knows, such as Asia/Shanghai or CST-8 (is tzdata installed?)"
    ) { text in
        TimeZoneName.isKnown(text) ? text : nil
    }

    /// All of them, in the order of --help.
    static let all: [any SettingDeclaration] = [
        mysqlHost, mysqlPort, mysqlSocket, mysqlDatabase, mysqlUsername, mysqlPassword,
        mysqlTLS, mysqlTLSAuthority, mysqlTLSCertificate, mysqlTLSKey,
        jwtSecret, jwtSecretPrevious, jwtIssuer,
        listen, listenMode, listenGroup, webServerAddresses, backlog, statusListen,
        workers, waitingWrites, parkedWritesOfConversation, queueLength, queueAge, connections, readTimeout,
        writeTimeout, idleTimeout, deadline, bodyLimit,
        drainTimeout,
        logLevel, slow, accessLog,
        timeZone,
    ]

    /// The chapter of --help about the environment.
    static let help = """
        Settings come from the environment. A bad value stops the start.

        \(all.map(\.help).joined(separator: "\n"))
        """
}
