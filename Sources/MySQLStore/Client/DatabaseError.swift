// Errors of MariaDB and of its client library.

internal import CMariaDB

/// An error of the server, or of the way to it.
public struct DatabaseError: Error, Hashable, Sendable {
    /// An error number of the server (1000 and up) or of the client library (2000 and up). The set is open; those
    /// numbers have names that the service treats in a way of their own.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number.
        public var rawValue: UInt32

        /// An error number, with a name here or without.
        public init(rawValue: UInt32) {
            self.rawValue = rawValue
        }

        /// 1044: the account may not use the database.
        public static let databaseAccessDenied = Code(rawValue: UInt32(ER_DBACCESS_DENIED_ERROR))
        /// 1045: wrong account or password.
        public static let accessDenied = Code(rawValue: UInt32(ER_ACCESS_DENIED_ERROR))
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
        /// 1205: a row's lock could not be had in time; the routine rolls back.
        public static let lockWaitTimeout = Code(rawValue: UInt32(ER_LOCK_WAIT_TIMEOUT))
        /// 1290: the server is read-only.
        public static let optionPreventsStatement = Code(rawValue: UInt32(ER_OPTION_PREVENTS_STATEMENT))
        /// 1305: no such routine.
        public static let noSuchRoutine = Code(rawValue: UInt32(ER_SP_DOES_NOT_EXIST))
        /// 1370: the account may not call a routine.
        public static let routineAccessDenied = Code(rawValue: UInt32(ER_PROCACCESS_DENIED_ERROR))
        /// 1449: the account is missing that owns a routine or trigger.
        public static let noSuchDefiner = Code(rawValue: UInt32(ER_NO_SUCH_USER))
        /// 4151: the account is locked.
        public static let accountLocked = Code(rawValue: UInt32(ER_ACCOUNT_HAS_BEEN_LOCKED))
        /// 1969: the statement took longer than it may.
        public static let statementTimeout = Code(rawValue: UInt32(ER_STATEMENT_TIMEOUT))
        /// 2026: TLS failed, when the connection was made or later.
        public static let secureConnectionFailed = Code(rawValue: UInt32(CR_SSL_CONNECTION_ERROR))
        /// 2027: the answer is not as the protocol, or the statement's row type, demands.
        public static let malformedPacket = Code(rawValue: UInt32(CR_MALFORMED_PACKET))

        static let outOfClientMemory = Code(rawValue: UInt32(CR_OUT_OF_MEMORY))
    }

    /// What a failure means for the database as a whole; DatabaseError+Meaning.swift has the table.
    public enum Kind: Sendable {
        /// The connection is gone, or none can be made.
        case connection
        /// A lock, a time limit, an administrator or the state of a host has stopped the statement. It may work later.
        case interrupted
        /// The schema or the account's rights do not allow the statement, or it is wrong.
        case statement
    }

    /// The error number.
    public var code: Code
    /// The five characters of SQLSTATE.
    public var sqlState: String
    /// The text of the server or the library. It is empty for data errors (class 22): these quote the data, and a
    /// message's content belongs in no log.
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
