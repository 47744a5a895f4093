// What the environment says, as values of the parts that use it.

import Glibc
import Handlers
import Logging
import MySQLStore
import Runtime

/// What the environment says. Each variable with its default, range and reason: Settings+Variables.swift.
struct Settings: Sendable {
    var database: DatabaseSettings
    var tokens: TokenSettings
    var listening: ListenSettings
    var connections: ConnectionSettings
    var limits: ConnectionTable.Limits
    /// How long a request may take from when a worker has it.
    var deadline: Interval
    /// How long nginx may take to retire its connections when the process is to stop.
    var drainTimeout: Interval
    var logging: LogSettings

    /// - Parameter variable: the value of a variable; nil where it is not set.
    init(_ variable: @escaping (String) -> String? = Settings.environment) throws(SettingsError) {
        let values = SettingValues(variable)
        deadline = try values.value(Self.deadline)
        database = DatabaseSettings(
            addresses: try DatabaseHostList.addresses(values),
            database: try values.value(Self.mysqlDatabase),
            username: try values.value(Self.mysqlUsername),
            password: try values.optional(Self.mysqlPassword) ?? "",
            security: TransportSecurity(
                mode: try values.value(Self.mysqlTLS),
                authority: try values.optional(Self.mysqlTLSAuthority),
                certificate: try values.optional(Self.mysqlTLSCertificate),
                key: try values.optional(Self.mysqlTLSKey)
            ),
            deadline: deadline
        )
        tokens = try TokenSettings(values)
        listening = try ListenSettings(values)
        connections = ConnectionSettings(
            bodyLimit: try values.value(Self.bodyLimit),
            writeTimeout: try values.value(Self.writeTimeout),
            writingPaths: Route.allCases.filter(\.writes).map(\.rawValue)
        )
        let workers = try values.value(Self.workers)
        limits = ConnectionTable.Limits(
            workers: workers,
            connections: try values.value(Self.connections),
            queueLength: try values.value(Self.queueLength),
            writes: WriteTurns.Limits(
                workers: workers,
                waiting: try values.value(Self.waitingWrites),
                parkedOfConversation: try values.value(Self.parkedWritesOfConversation)
            ),
            heldBytes: Self.heldBytes,
            queueAge: try values.value(Self.queueAge),
            readTimeout: try values.value(Self.readTimeout),
            idleTimeout: try values.value(Self.idleTimeout)
        )
        drainTimeout = try values.value(Self.drainTimeout)
        logging = LogSettings(
            level: try values.value(Self.logLevel),
            slow: try values.value(Self.slow),
            access: try values.value(Self.accessLog)
        )
        // Read by the C library; here it is only looked at.
        _ = try values.optional(Self.timeZone)
    }

    /// Bytes of all requests that wait or are served: more than the workers' own with bodies of the
    /// greatest size, and little beside what a machine has.
    private static let heldBytes = 64 << 20

    /// The variable's value in this process's environment. What is no UTF-8 in it becomes U+FFFD, which no setting
    /// takes.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

/// The environment, as settings are read from it.
struct SettingValues {
    private let variable: (String) -> String?

    /// - Parameter variable: the value of a variable; nil where it is not set.
    init(_ variable: @escaping (String) -> String?) {
        self.variable = variable
    }

    /// The value, or its default.
    func value<Value>(_ setting: Setting<Value>) throws(SettingsError) -> Value {
        guard let value = try optional(setting) else { throw SettingsError("\(setting.name) must be set") }
        return value
    }

    /// The value, or its default; nil where there is neither.
    func optional<Value>(_ setting: Setting<Value>) throws(SettingsError) -> Value? {
        try setting.value(of: variable(setting.name))
    }
}
