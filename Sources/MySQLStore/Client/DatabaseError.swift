// What can go wrong between the service and MariaDB.

internal import CMariaDB

/// An error of the server, or of the way to it.
public struct DatabaseError: Error, Hashable, Sendable {
    /// An error number of the server (1000 and up) or of the client library (2000 and up); an open
    /// set, of which those are named that the service treats in a way of their own.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number.
        public var rawValue: UInt32

        /// A number, named here or not.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// 1044: the account may not use the database.
        public static let databaseAccessDenied = Code(rawValue: UInt32(ER_DBACCESS_DENIED_ERROR))
        /// 1045: wrong account or password.
        public static let accessDenied = Code(rawValue: UInt32(ER_ACCESS_DENIED_ERROR))
        /// 1047: among others, a node of a Galera cluster that is not, or not yet, a part of it.
        public static let unknownCommand = Code(rawValue: UInt32(ER_UNKNOWN_COM_ERROR))
        /// 1049: no such database.
        public static let unknownDatabase = Code(rawValue: UInt32(ER_BAD_DB_ERROR))
        /// 1054: no such column.
        public static let unknownColumn = Code(rawValue: UInt32(ER_BAD_FIELD_ERROR))
        /// 1129: the server refuses this host after too many broken connections.
        public static let hostBlocked = Code(rawValue: UInt32(ER_HOST_IS_BLOCKED))
        /// 1130: the server lets nobody in from this host.
        public static let hostNotPrivileged = Code(rawValue: UInt32(ER_HOST_NOT_PRIVILEGED))
        /// 1142: the account may not do this to a table.
        public static let tableAccessDenied = Code(rawValue: UInt32(ER_TABLEACCESS_DENIED_ERROR))
        /// 1143: the account may not do this to a column.
        public static let columnAccessDenied = Code(rawValue: UInt32(ER_COLUMNACCESS_DENIED_ERROR))
        /// 1146: no such table.
        public static let noSuchTable = Code(rawValue: UInt32(ER_NO_SUCH_TABLE))
        /// 1205: a row's lock was not to be had in time; the routine rolls back.
        public static let lockWaitTimeout = Code(rawValue: UInt32(ER_LOCK_WAIT_TIMEOUT))
        /// 1213: the transaction was chosen to give way, here or by the cluster, and is rolled back.
        public static let deadlock = Code(rawValue: UInt32(ER_LOCK_DEADLOCK))
        /// 1290: the server is read-only.
        public static let optionPreventsStatement = Code(rawValue: UInt32(ER_OPTION_PREVENTS_STATEMENT))
        /// 1305: schema.sql has not been applied.
        public static let noSuchRoutine = Code(rawValue: UInt32(ER_SP_DOES_NOT_EXIST))
        /// 1370: the account may not call a routine.
        public static let routineAccessDenied = Code(rawValue: UInt32(ER_PROCACCESS_DENIED_ERROR))
        /// 1449: the account is missing with whose rights a routine or trigger runs.
        public static let noSuchDefiner = Code(rawValue: UInt32(ER_NO_SUCH_USER))
        /// 4151: the account is locked.
        public static let accountLocked = Code(rawValue: UInt32(ER_ACCOUNT_HAS_BEEN_LOCKED))
        /// 1969: the statement took longer than it may.
        public static let statementTimeout = Code(rawValue: UInt32(ER_STATEMENT_TIMEOUT))
        /// 2013: the connection was lost during a statement.
        public static let serverLost = Code(rawValue: UInt32(CR_SERVER_LOST))
        /// 2026: TLS failed, when the connection was made or later.
        public static let secureConnectionFailed = Code(rawValue: UInt32(CR_SSL_CONNECTION_ERROR))
        /// 2027: what came back is not what the protocol, or the statement's declaration, says.
        public static let malformedPacket = Code(rawValue: UInt32(CR_MALFORMED_PACKET))

        static let outOfClientMemory = Code(rawValue: UInt32(CR_OUT_OF_MEMORY))
    }

    /// What a failure says of the database as a whole; `kind` tells (DatabaseError+Meaning.swift).
    public enum Kind: Sendable {
        /// The connection is gone, or none can be made.
        case connection
        /// The statement was stopped: by a lock, a time limit or an administrator. It may work later.
        case interrupted
        /// Anything else: a statement that this schema, or this account, does not allow.
        case statement
    }

    /// The error number.
    public var code: Code
    /// The five characters of SQLSTATE.
    public var sqlState: String
    /// The server's or library's own text. Empty for data errors (class 22): they quote the data,
    /// and a message's content belongs in no log.
    public var message: String

    /// The request has no time left for another statement.
    static let deadlineExceeded = DatabaseError(
        code: .statementTimeout,
        sqlState: "HY000",
        message: "no time is left before the request's deadline"
    )

    init(code: Code, sqlState: String, message: String) {
        self.code = code
        self.sqlState = sqlState
        self.message = sqlState.hasPrefix("22") ? "" : message
    }
}

extension DatabaseError: CustomStringConvertible {
    /// One line for the log: number, SQLSTATE, text.
    public var description: String {
        "error \(code.rawValue) (\(sqlState))" + (message.isEmpty ? "" : ": \(message)")
    }
}
