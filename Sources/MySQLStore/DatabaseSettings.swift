// How to reach the database.

/// Where the database is, and with which account and time limits to use it.
public struct DatabaseSettings: Sendable {
    /// Host name or address; ignored where `socket` is set.
    public var host: String
    /// TCP port.
    public var port: UInt16
    /// Path of the server's Unix socket, in place of host and port.
    public var socket: String?
    /// The schema that schema.sql was applied to.
    public var database: String
    /// Account.
    public var username: String
    /// The account's password.
    public var password: String

    /// Settings for one database account.
    public init(host: String, port: UInt16, socket: String?, database: String, username: String, password: String) {
        self.host = host
        self.port = port
        self.socket = socket
        self.database = database
        self.username = username
        self.password = password
    }

    /// Seconds to wait for a connection, and on it for an answer to a request's statement. A request
    /// is to be answered within three seconds while the database is away, or stands still.
    static let connectTimeout: UInt32 = 1
    static let readTimeout: UInt32 = 2
    /// Seconds to wait for the answer to a statement that no request waits for.
    static let maintenanceTimeout: UInt32 = 60

    /// What every session begins with. Times travel in UTC. READ COMMITTED: the routines lock before
    /// they read, and a conversation that does not exist is then no locked gap. Waiting for a row or
    /// a table ends after a second; the defaults, 50 s and a day, are longer than any request may take.
    static let sessionStart = """
        SET SESSION time_zone = '+00:00', tx_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 1, \
        lock_wait_timeout = 1, sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'
        """

    /// What a request's session has besides, as seconds. Shorter than the read time-out: the server
    /// gives up first, and what the caller was told has failed is not committed afterwards.
    static let statementLimit = ", max_statement_time = 1.5"
}

extension DatabaseSettings: CustomStringConvertible {
    /// For messages: who and where, without the password.
    public var description: String {
        "'\(username)' at \(socket ?? "\(host):\(port)"), database '\(database)'"
    }
}
