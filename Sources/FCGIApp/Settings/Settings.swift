// Every setting of the service: its variable, default, range, and why one would change it.

import Glibc
import Handlers
import Logging
import MySQLStore

/// What the environment says.
struct Settings: Sendable {
    var database: DatabaseSettings
    var tokens: TokenSettings
    /// Path of the Unix socket that nginx connects to.
    var listenPath: String
    /// Permissions of that socket.
    var listenMode: mode_t
    var workers: Int
    var logLevel: Logger.Level

    /// - Parameter variable: the value of a variable; nil where it is not set.
    init(_ variable: (String) -> String? = Settings.environment) throws(SettingsError) {
        func value<Value>(_ setting: Setting<Value>) throws(SettingsError) -> Value? {
            try setting.value(of: variable(setting.name))
        }
        func defaulted<Value>(_ setting: Setting<Value>) throws(SettingsError) -> Value {
            guard let value = try value(setting) else { throw SettingsError("\(setting.name) must be set") }
            return value
        }
        database = DatabaseSettings(
            host: try defaulted(Self.mysqlHost),
            port: UInt16(try defaulted(Self.mysqlPort)),
            socket: try value(Self.mysqlSocket),
            database: try defaulted(Self.mysqlDatabase),
            username: try defaulted(Self.mysqlUsername),
            password: try value(Self.mysqlPassword) ?? ""
        )
        tokens = try TokenSettings(variable)
        listenPath = try defaulted(Self.listen)
        listenMode = mode_t(try defaulted(Self.listenMode))
        workers = try defaulted(Self.workers)
        logLevel = try defaulted(Self.logLevel)
        // Read by the C library; here it is only looked at.
        _ = try value(Self.timeZone)
    }

    /// The variable's value in this process's environment.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// What is needed to check tokens, and to make them.
struct TokenSettings: Sendable {
    var secret: String
    var previousSecret: String?
    var issuer: String?

    /// - Parameter variable: the value of a variable; nil where it is not set.
    init(_ variable: (String) -> String? = Settings.environment) throws(SettingsError) {
        guard let secret = try Settings.jwtSecret.value(of: variable(Settings.jwtSecret.name)) else {
            throw SettingsError("JWT_SECRET must be set")
        }
        self.secret = secret
        previousSecret = try Settings.jwtSecretPrevious.value(of: variable(Settings.jwtSecretPrevious.name))
        issuer = try Settings.jwtIssuer.value(of: variable(Settings.jwtIssuer.name))
    }

    /// A key shorter than the code it makes is easier to guess than the code (RFC 7518, section 3.2).
    var hasShortSecret: Bool { secret.utf8.count < 32 }

    /// A verifier for the thread that asks.
    func makeVerifier() -> TokenVerifier {
        TokenVerifier(secrets: [secret] + (previousSecret.map { [$0] } ?? []), issuer: issuer)
    }
}

extension Settings {
    static let mysqlHost = Setting<String>(
        "MYSQL_HOST",
        default: "127.0.0.1",
        "Host name or address of the database server."
    )
    static let mysqlPort = Setting<Int>(
        "MYSQL_PORT",
        default: "3306",
        in: 1...65_535,
        "Its TCP port."
    )
    static let mysqlSocket = Setting<String>(
        "MYSQL_SOCKET",
        "Path of the server's Unix socket, used in place of host and port where it is set."
    )
    static let mysqlDatabase = Setting<String>(
        "MYSQL_DATABASE",
        default: "orbia",
        "The database that schema.sql was applied to."
    )
    static let mysqlUsername = Setting<String>(
        "MYSQL_USERNAME",
        default: "orbia_conversation",
        "The service's account: the role orbia_conversation_app as its default role, and nothing else."
    )
    static let mysqlPassword = Setting<String>("MYSQL_PASSWORD", "The account's password.")
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
    static let listen = Setting<String>(
        name: "ORBIA_LISTEN",
        defaultText: "/run/orbia-conversation/fcgi.sock",
        explanation: "Path of the Unix socket that nginx connects to. Each process has its own.",
        expectation: "an absolute path of at most 107 bytes"
    ) { text in
        text.hasPrefix("/") && text.utf8.count <= UnixListener.maximumPathLength ? text : nil
    }
    static let listenMode = Setting<Int>(
        name: "ORBIA_LISTEN_MODE",
        defaultText: "0660",
        explanation: "Permissions of that socket, octal. Who can write to it can speak for nginx.",
        expectation: "an octal number from 0600 to 0777"
    ) { text in
        Int(text, radix: 8).flatMap { (0o600...0o777).contains($0) ? $0 : nil }
    }
    static let workers = Setting<Int>(
        "ORBIA_WORKERS",
        default: "8",
        in: 1...256,
        """
        Worker threads, each with a database connection: how many requests run at once. They mostly wait for the \
        database, so a few for each core; more than the database serves at once only queue up there.
        """
    )
    static let logLevel = Setting<Logger.Level>(
        name: "ORBIA_LOG_LEVEL",
        defaultText: "info",
        explanation: "The least severe messages to log, on standard error: debug, info, notice, warning or error.",
        expectation: "one of debug, info, notice, warning, error"
    ) { text in
        Logger.Level(rawValue: text).flatMap { $0 == .trace || $0 == .critical ? nil : $0 }
    }

    static let timeZone = Setting<String>(
        name: "TZ",
        defaultText: nil,
        explanation: "The time zone of `joined_at` and of a conversation's `created_at` (default: the system's).",
        expectation: "a time zone that this system knows, such as Asia/Shanghai or CST-8 (is tzdata installed?)"
    ) { text in
        TimeZoneName.isKnown(text) ? text : nil
    }

    /// The chapter of --help about the environment.
    static let help = """
        Settings come from the environment. A bad value stops the start.

        \([
            mysqlHost.help, mysqlPort.help, mysqlSocket.help, mysqlDatabase.help, mysqlUsername.help,
            mysqlPassword.help, jwtSecret.help, jwtSecretPrevious.help, jwtIssuer.help, listen.help, listenMode.help,
            workers.help, logLevel.help, timeZone.help,
        ].joined(separator: "\n"))
        """
}
