// Owns one MYSQL handle: a session with the server.

internal import CMariaDB
internal import Glibc

/// One connection; belongs to the thread that opened it.
final class Connection {
    let handle: UnsafeMutablePointer<MYSQL>

    /// What a connection is for.
    enum Purpose {
        /// Somebody waits for the answer.
        case requests
        /// Nobody does, and it may take a while.
        case maintenance
    }

    /// Connects and prepares the session.
    init(_ settings: DatabaseSettings, for purpose: Purpose) throws(DatabaseError) {
        guard let handle = mysql_init(nil) else {
            throw DatabaseError(code: .outOfClientMemory, sqlState: "HY000", message: "mysql_init failed")
        }
        var seconds = DatabaseSettings.connectTimeout
        mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds)
        seconds = purpose == .requests ? DatabaseSettings.readTimeout : DatabaseSettings.maintenanceTimeout
        mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &seconds)
        mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &seconds)
        mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        mysql_options(
            handle,
            MYSQL_INIT_COMMAND,
            DatabaseSettings.sessionStart + (purpose == .requests ? DatabaseSettings.statementLimit : "")
        )

        let connected = mysql_real_connect(
            handle,
            settings.socket == nil ? settings.host : nil,
            settings.username,
            settings.password,
            settings.database,
            UInt32(settings.port),
            settings.socket,
            0
        )
        guard connected != nil else {
            let error = DatabaseError(of: handle)
            mysql_close(handle)
            throw error
        }
        self.handle = handle
    }

    deinit {
        // Statements that outlive it are invalidated by the library, not left dangling.
        mysql_close(handle)
    }

    /// Whether the server has closed the idle connection, or said anything on it: between two
    /// statements it has nothing to say but goodbye. Costs a system call, no round trip.
    var isStale: Bool {
        var descriptor = pollfd(fd: Int32(mysql_get_socket(handle)), events: Int16(POLLIN), revents: 0)
        return poll(&descriptor, 1, 0) != 0
    }

    /// Ends whatever transaction a failed routine left open; false where even that failed.
    func rollBack() -> Bool {
        mysql_rollback(handle) == 0
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

/// The client library's own state: once for the process, and once for each thread.
public enum ClientLibrary {
    /// Called once, before any thread is started.
    public static func start() {
        guard mysql_server_init(0, nil, nil) == 0 else { fatalError("libmariadb does not start") }
    }

    /// Called on each thread that is to use a `Store` or a `Maintenance`, before it does.
    public static func startThread() {
        guard mysql_thread_init() == 0 else { fatalError("libmariadb does not start on this thread") }
    }

    /// Called on such a thread before it ends.
    public static func endThread() {
        mysql_thread_end()
    }
}
