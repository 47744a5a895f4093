// Owns one MYSQL handle: a connection to a server.

internal import CMariaDB
internal import Glibc
internal import Runtime

/// One connection; belongs to the thread that opened it.
final class Connection {
    /// What a connection is for.
    enum Purpose {
        /// Somebody waits for the answer.
        case requests
        /// Nobody does, and it may take a while.
        case maintenance
    }

    let handle: UnsafeMutablePointer<MYSQL>
    private let statementTimeout: Interval
    private let preparationTimeout: Interval
    /// When nobody waits for statements any more; nil: somebody always does.
    var deadline: Instant?
    /// Whether it is the server's answer to a preparation that is, or was last, waited for.
    private(set) var isPreparing = false
    /// What was run so far.
    private(set) var statistics = StoreStatistics()

    /// Connects, and makes the session the service's own. May take several times the settings'
    /// `connectTimeout`, where the host answers each step within it.
    init(_ settings: DatabaseSettings, host: Int, for purpose: Purpose) throws(DatabaseError) {
        guard let handle = mysql_init(nil) else {
            throw DatabaseError(code: .outOfClientMemory, sqlState: "HY000", message: "mysql_init failed")
        }
        let isForRequests = purpose == .requests
        preparationTimeout = settings.connectTimeout
        statementTimeout = isForRequests ? settings.readTimeout : DatabaseSettings.maintenanceTimeout
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
        // Statements that outlive it are invalidated by the library, not left dangling.
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

    /// The socket's descriptor.
    var descriptor: Int32 { Int32(mysql_get_socket(handle)) }

    /// Whether the server has closed the idle connection, or said anything on it: between two
    /// statements it has nothing to say but goodbye. Costs a system call, no round trip.
    var isStale: Bool {
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }

    /// Called before a statement is sent: it is not, where nobody would wait for its answer. Gives the
    /// time.
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

    /// Called when its rows are there, or it has failed.
    func endStatement(begun start: Instant) {
        statistics.time += .now - start
    }

    /// Called before a statement is prepared: that has a time of its own, since a connection does not outlive
    /// an answer that was not waited for.
    func beginPreparation() {
        isPreparing = true
        mysql_set_read_timeout(handle, Int32(preparationTimeout.milliseconds))
    }

    /// Ends whatever transaction a failed routine left open; false where even that failed.
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
