// The values of all settings, grouped by the part of the service that uses them.

import Glibc
import Handlers
import MySQLStore
import Runtime

/// The values of all settings. Their declarations are in `DeclaredSettings`.
struct Settings: Sendable {
    var database: DatabaseSettings
    var tokens: TokenSettings
    var listening: ListenSettings
    var connections: ConnectionSettings
    var limits: ConnectionTable.Limits
    var recallTimes: RecallTimes
    /// Where the files lie that messages may name.
    var fileStorage: FileStorage
    /// How long a request may take from when a worker has it.
    var deadline: Interval
    /// The time from one look for changes to the next, while polls wait.
    var watchInterval: Interval
    /// How long nginx may take to retire its connections when the process is to stop.
    var drainTimeout: Interval
    var logging: LogSettings

    /// - Parameter variable: returns the value of a variable; nil where it is not set.
    init(_ variable: @escaping (String) -> String? = Settings.environment) throws(SettingsError) {
        let values = SettingValues(variable)
        deadline = try values.value(\.requests.deadline)
        database = try DatabaseSettings(values)
        tokens = try TokenSettings(values)
        listening = try ListenSettings(values)
        connections = ConnectionSettings(
            bodyLimit: try values.value(\.requests.bodyLimit),
            sendTimeout: try values.value(\.connections.sendTimeout),
            writingPaths: Route.allCases.filter(\.writes).map(\.rawValue),
            searchingPaths: Route.allCases.filter(\.searches).map(\.rawValue)
        )
        limits = try ConnectionTable.Limits(values)
        recallTimes = RecallTimes(
            text: try values.value(\.messages.recallText),
            file: try values.value(\.messages.recallFiles)
        )
        fileStorage = try values.optional(\.messages.fileURLs) ?? .any
        watchInterval = try values.value(\.requests.watchInterval)
        drainTimeout = try values.value(\.connections.drainTimeout)
        logging = LogSettings(
            level: try values.value(\.logs.level),
            slow: try values.value(\.logs.slow),
            access: try values.value(\.logs.accessLog)
        )
        // The C library reads this one by itself; a bad value is refused here.
        _ = try values.optional(\.times.zone)
    }

    /// Returns the variable's value in this process's environment. Bytes in it that are not UTF-8 become U+FFFD, which
    /// no setting takes.
    static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}

extension DatabaseSettings {
    fileprivate init(_ values: SettingValues) throws(SettingsError) {
        self.init(
            addresses: try DatabaseHostList.addresses(values),
            database: try values.value(\.database.database),
            username: try values.value(\.database.username),
            password: try values.optional(\.database.password) ?? "",
            security: TransportSecurity(
                mode: try values.value(\.database.security),
                authority: try values.optional(\.database.authority),
                certificate: try values.optional(\.database.certificate),
                key: try values.optional(\.database.key)
            ),
            deadline: try values.value(\.requests.deadline)
        )
    }
}

extension ConnectionTable.Limits {
    /// Bytes of all requests that are queued or served, beside polls that wait. It is more than the workers' own requests
    /// with the largest bodies, and little of a machine's memory.
    private static let heldBytes = 64 << 20

    fileprivate init(_ values: SettingValues) throws(SettingsError) {
        let workers = try values.value(\.requests.workers)
        let connections = try values.value(\.connections.limit)
        let polls = try values.optional(\.requests.waitingPolls) ?? connections * 5 / 6
        self.init(
            workers: workers,
            connections: connections,
            queueLength: try values.value(\.requests.queueLength),
            writes: WriteTurns.Limits(
                workers: workers,
                waiting: try values.value(\.requests.writeQueueLength),
                parkedOfConversation: try values.value(\.requests.parkedWritesPerConversation)
            ),
            searches: SearchPermits.Limits(workers: workers, waiting: try values.value(\.requests.queueLength)),
            polls: WaitingPolls.Limits(
                polls: polls,
                pollsOfUser: try values.value(\.requests.waitingPollsPerUser)
            ),
            heldBytes: Self.heldBytes + polls * ConnectionTable.largestPoll,
            queueAge: try values.value(\.requests.queueAge),
            receiveTimeout: try values.value(\.connections.receiveTimeout),
            idleTimeout: try values.value(\.connections.idleTimeout)
        )
    }
}
