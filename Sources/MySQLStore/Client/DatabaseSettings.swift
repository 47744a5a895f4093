// How to reach the database.

public import Runtime

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

    /// How long a host may be silent while a connection to it is made, or is prepared: in whole seconds, as the
    /// client library counts. No request's own time shortens it, however little of that is left: what it took
    /// to get half-way is not thrown away, and a host is not taken for silent that is only far away.
    var connectTimeout: Interval { .seconds(max(1, Int64((deadline / 3).seconds))) }
    /// How long a request's statement may take at the server. Shorter than `readTimeout`: the server
    /// gives up first, and what the caller was told has failed is not committed afterwards.
    var statementLimit: Interval { deadline / 2 }
    /// How long to wait for the answer to a request's statement, where the request has as much left.
    var readTimeout: Interval { deadline * 2 / 3 }
    /// After how long without an answer to a statement the server has not kept to its own limit, and is silent.
    var silenceLimit: Interval { statementLimit + deadline / 12 }
    /// How long a statement may take that no request waits for.
    static let maintenanceTimeout = Interval.seconds(60)
    /// What the largest request has in bytes, and some: the server's max_allowed_packet must not be below it.
    static let largestPacket: Int64 = 70_000
}

extension DatabaseSettings: CustomStringConvertible {
    /// For messages: who and where, without the password.
    public var description: String {
        "'\(username)' at \(addresses.map(\.description).joined(separator: ", ")), database '\(database)'"
    }
}
