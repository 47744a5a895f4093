// The settings of the database.

public import Runtime

/// Where the database is, and with which account and time limits to use it.
public struct DatabaseSettings: Sendable {
    /// The addresses of its hosts, at least one, in the order in which they are preferred.
    public var addresses: [DatabaseAddress]
    /// The schema that schema.sql was applied to.
    public var database: String
    /// The account's name.
    public var username: String
    /// The account's password.
    public var password: String
    /// Whether and how connections over TCP are encrypted.
    public var security: TransportSecurity
    /// How long a request may take. All time limits for the database follow from it.
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

    /// How long a host may be silent while a connection to it is made or a statement is prepared, in whole seconds, as
    /// the client library counts. A request's deadline does not shorten it: a connection that is half made is not
    /// thrown away, and a host that is only far away is not taken for a silent one.
    var connectTimeout: Interval { .seconds(max(1, Int64((deadline / 3).seconds))) }
    /// How long a request's statement may take at the server. It is shorter than `answerTimeout`, so that the server
    /// gives up first: a write that the caller was told has failed is not committed afterwards.
    var statementLimit: Interval { deadline / 2 }
    /// How long to wait for the answer to a request's statement, where the request has as much time left.
    var answerTimeout: Interval { deadline * 2 / 3 }
    /// How long a statement may be without an answer before its host is taken for silent: the server has not kept to
    /// its own limit then.
    var silenceLimit: Interval { statementLimit + deadline / 12 }
    /// How long a statement may take on a maintenance connection.
    static let maintenanceTimeout = Interval.seconds(60)
    /// The least value of the server's max_allowed_packet, in bytes: the largest message fits, with some to spare.
    static let largestPacket: Int64 = 70_000
}

extension DatabaseSettings: CustomStringConvertible {
    /// Account, addresses and database, without the password.
    public var description: String {
        "'\(username)' at \(addresses.map(\.description).joined(separator: ", ")), database '\(database)'"
    }
}
