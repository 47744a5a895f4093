// How to reach the database.

/// Where the database is, and with which account and time limits to use it.
public struct DatabaseSettings: Sendable {
    /// Its hosts, at least one, in the order in which they are preferred.
    public var addresses: [DatabaseAddress]
    /// The schema that schema.sql was applied to.
    public var database: String
    /// Account.
    public var username: String
    /// The account's password.
    public var password: String
    /// TLS. On a Unix socket there is none.
    public var security: TransportSecurity
    /// How long a request may take; what the database is given follows from it.
    public var deadline: Interval

    /// Settings for one database account.
    public init(
        addresses: [DatabaseAddress],
        database: String,
        username: String,
        password: String,
        security: TransportSecurity,
        deadline: Interval
    ) {
        precondition(!addresses.isEmpty, "a database is somewhere")
        self.addresses = addresses
        self.database = database
        self.username = username
        self.password = password
        self.security = security
        self.deadline = deadline
    }

    /// How long to wait for a connection, in whole seconds, as the client library counts it.
    var connectTimeout: UInt32 { UInt32(max(1, Int64((deadline / 3).seconds))) }
    /// How long a request's statement may take at the server. Shorter than `readTimeout`: the server
    /// gives up first, and what the caller was told has failed is not committed afterwards.
    var statementLimit: Interval { deadline / 2 }
    /// How long to wait for the answer to a request's statement, where the request has as much left.
    var readTimeout: Interval { deadline * 2 / 3 }
    /// How long to wait for the answer to a statement that no request waits for.
    static let maintenanceTimeout = Interval.seconds(60)

    /// What every session begins with. Times travel in UTC. READ COMMITTED: the routines lock before
    /// they read, and a conversation that does not exist is then no locked gap. Waiting for a row or
    /// a table ends after a second; the defaults, 50 s and a day, are longer than any request may take.
    static let sessionStart = """
        SET SESSION time_zone = '+00:00', tx_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 1, \
        lock_wait_timeout = 1, sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
        """

    /// What a request's session has besides, as seconds.
    var statementLimitOption: String {
        let milliseconds = statementLimit.milliseconds
        return ", max_statement_time = \(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst())"
    }
}

extension DatabaseSettings: CustomStringConvertible {
    /// For messages: who and where, without the password.
    public var description: String {
        "'\(username)' at \(addresses.map(\.description).joined(separator: ", ")), database '\(database)'"
    }
}
