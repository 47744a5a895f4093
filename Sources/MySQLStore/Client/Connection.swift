// Owns one MYSQL handle: a connection to a server.

internal import CMariaDB
internal import Glibc
internal import Runtime

/// A connection to a server. It belongs to the thread that opened it.
final class Connection {
    /// What a connection is used for, which decides about its time limits.
    enum Purpose {
        /// The statements of requests, whose callers wait.
        case requests
        /// Statements that nobody waits for, and that may take a minute.
        case maintenance
    }

    let handle: UnsafeMutablePointer<MYSQL>
    private let statementTimeout: Interval
    private let preparationTimeout: Interval
    /// When the caller's time is over; nil where there is no such time.
    var deadline: Instant?
    /// Whether the last command was a preparation or ROLLBACK, which have their own time-out.
    private(set) var isPreparing = false
    /// Counts of everything that was sent.
    private(set) var statistics = StoreStatistics()

    /// Connects, and sets the session's variables. It may take several times the settings' `connectTimeout`, where the
    /// host answers each step within that time.
    init(_ settings: DatabaseSettings, host: Int, for purpose: Purpose) throws(DatabaseError) {
        guard let handle = mysql_init(nil) else {
            throw DatabaseError(code: .outOfClientMemory, sqlState: "HY000", message: "mysql_init failed")
        }
        let isForRequests = purpose == .requests
        preparationTimeout = settings.connectTimeout
        statementTimeout = isForRequests ? settings.answerTimeout : DatabaseSettings.maintenanceTimeout
        let limit = isForRequests ? settings.statementLimit : DatabaseSettings.maintenanceTimeout
        do {
            try Self.connect(handle, to: settings.addresses[host], settings, statementLimit: limit)
        } catch {
            mysql_close(handle)
            throw error
        }
        self.handle = handle
    }

    deinit {
        // A statement that outlives its connection is made invalid by the library.
        mysql_close(handle)
    }

    private static func connect(
        _ handle: UnsafeMutablePointer<MYSQL>,
        to address: DatabaseAddress,
        _ settings: DatabaseSettings,
        statementLimit: Interval
    ) throws(DatabaseError) {
        var seconds = UInt32(settings.connectTimeout.seconds)
        for option in [MYSQL_OPT_CONNECT_TIMEOUT, MYSQL_OPT_READ_TIMEOUT, MYSQL_OPT_WRITE_TIMEOUT] {
            mysql_options(handle, option, &seconds)
        }
        mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        for statement in SessionSettings.statements(statementLimit: statementLimit) {
            mysql_options(handle, MYSQL_INIT_COMMAND, statement)
        }
        settings.security.apply(to: handle)
        let (username, password, database) = (settings.username, settings.password, settings.database)
        let connected =
            switch address {
            case .host(let name, let port):
                mysql_real_connect(handle, name, username, password, database, UInt32(port), nil, 0)
            case .socket(let path):
                mysql_real_connect(handle, nil, username, password, database, 0, path, 0)
            }
        guard connected != nil else { throw DatabaseError(of: handle) }
        try settings.security.check(handle, at: address)
    }

    /// The descriptor of the connection's socket.
    var descriptor: Int32 { Int32(mysql_get_socket(handle)) }

    /// Whether the server has closed the idle connection, or sent anything on it: between two statements a server sends
    /// nothing but the reason why it closes. It costs a system call, and no round trip.
    var isStale: Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }

    /// Sets the time-out for a statement that is about to be sent. Throws where the deadline has passed.
    ///
    /// - Returns: the present time.
    func beginStatement() throws(DatabaseError) -> Instant {
        let now = Instant.now
        var timeout = statementTimeout
        if let deadline {
            timeout = min(timeout, deadline - now)
            guard timeout > .zero else { throw .deadlineExceeded }
        }
        mysql_set_read_timeout(handle, Int32(timeout.milliseconds + 1))
        isPreparing = false
        statistics.statements += 1
        return now
    }

    /// Records the end of a statement: its rows are there, or it has failed.
    func endStatement(begun start: Instant) {
        statistics.time += .now - start
    }

    /// Sets the time-out for a preparation. A request's deadline does not shorten it, since giving up an answer costs
    /// the connection, and the next request would have to make another.
    func beginPreparation() {
        isPreparing = true
        mysql_set_read_timeout(handle, Int32(preparationTimeout.milliseconds))
    }

    /// Ends the transaction that a failed routine may have left open. Returns whether that succeeded.
    func rollBack() -> Bool {
        beginPreparation()
        return mysql_rollback(handle) == 0
    }
}

extension DatabaseError {
    /// The connection's last error.
    init(of handle: UnsafeMutablePointer<MYSQL>) {
        self.init(
            code: Code(rawValue: mysql_errno(handle)),
            sqlState: String(cString: mysql_sqlstate(handle)),
            message: String(cString: mysql_error(handle))
        )
    }

    /// The statement's last error.
    init(of statement: UnsafeMutablePointer<MYSQL_STMT>) {
        self.init(
            code: Code(rawValue: mysql_stmt_errno(statement)),
            sqlState: String(cString: mysql_stmt_sqlstate(statement)),
            message: String(cString: mysql_stmt_error(statement))
        )
    }
}
