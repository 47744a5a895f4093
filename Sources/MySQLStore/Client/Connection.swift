// Owns one MYSQL handle: a session with the server.

internal import CMariaDB
internal import Glibc

/// One connection; belongs to the thread that opened it.
final class Connection {
    let handle: UnsafeMutablePointer<MYSQL>
    private let readTimeout: Interval
    /// When whoever waits for statements has lost its patience; nil: nobody waits.
    var deadline: Instant?
    /// How long the statement that runs, or ran last, may be waited for.
    private(set) var patience: Interval
    /// What was run so far.
    private(set) var statistics = StoreStatistics()

    /// What a connection is for.
    enum Purpose {
        /// Somebody waits for the answer.
        case requests
        /// Nobody does, and it may take a while.
        case maintenance
    }

    /// Connects and prepares the session.
    ///
    /// - Parameters:
    ///   - host: the place of an address among the settings'. Where there are others, one that may not
    ///     write is an error.
    ///   - deadline: when whoever waits has lost its patience; nil: nobody waits.
    init(
        _ settings: DatabaseSettings,
        host: Int,
        for purpose: Purpose,
        until deadline: Instant?
    ) throws(DatabaseError) {
        guard let handle = mysql_init(nil) else {
            throw DatabaseError(code: .outOfClientMemory, sqlState: "HY000", message: "mysql_init failed")
        }
        let readTimeout = purpose == .requests ? settings.readTimeout : DatabaseSettings.maintenanceTimeout
        let left = deadline.map { $0 - .now } ?? readTimeout
        guard left > .zero else {
            mysql_close(handle)
            throw .deadlineExceeded
        }
        var seconds = settings.connectTimeout
        mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &seconds)
        // For the first statements, until `beginStatement` says it to the millisecond.
        seconds = UInt32(max(1, Int64(min(readTimeout, left).seconds)))
        mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &seconds)
        mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &seconds)
        mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4")
        mysql_options(
            handle,
            MYSQL_INIT_COMMAND,
            DatabaseSettings.sessionStart + (purpose == .requests ? settings.statementLimitOption : "")
        )

        settings.security.apply(to: handle)
        let connected =
            switch settings.addresses[host] {
            case .host(let name, let port):
                mysql_real_connect(
                    handle,
                    name,
                    settings.username,
                    settings.password,
                    settings.database,
                    UInt32(port),
                    nil,
                    0
                )
            case .socket(let path):
                mysql_real_connect(handle, nil, settings.username, settings.password, settings.database, 0, path, 0)
            }
        guard connected != nil else {
            let error = DatabaseError(of: handle)
            mysql_close(handle)
            throw error
        }
        self.handle = handle
        self.readTimeout = readTimeout
        self.deadline = deadline
        patience = readTimeout
        try settings.security.check(handle, at: settings.addresses[host])
        guard settings.addresses.count > 1 else { return }
        let mode = try Statement<ReadOnlyRow>(self, "SELECT @@global.read_only").row()
        if mode?.isReadOnly != false { throw .readOnly }
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

    /// Called before a statement is sent: it is not, where nobody would wait for its answer. Gives the
    /// time.
    func beginStatement() throws(DatabaseError) -> Instant {
        let now = try limitWaiting()
        statistics.statements += 1
        return now
    }

    /// Sees to it that nobody waits longer for the server than there is time; gives the time.
    @discardableResult
    func limitWaiting() throws(DatabaseError) -> Instant {
        let now = Instant.now
        patience = readTimeout
        if let deadline {
            patience = min(patience, deadline - now)
            guard patience > .zero else { throw .deadlineExceeded }
        }
        mysql_set_read_timeout(handle, Int32(patience.milliseconds + 1))
        return now
    }

    /// Called when its rows are there, or it has failed.
    func endStatement(begun start: Instant) {
        statistics.time += .now - start
    }

    /// Whether the server answers.
    func ping() throws(DatabaseError) {
        let start = try beginStatement()
        defer { endStatement(begun: start) }
        guard mysql_ping(handle) == 0 else { throw DatabaseError(of: handle) }
    }

    /// Ends whatever transaction a failed routine left open; false where even that failed.
    func rollBack() -> Bool {
        mysql_rollback(handle) == 0
    }
}

/// Whether the server may write.
private struct ReadOnlyRow: DecodableRow {
    let isReadOnly: Bool

    init(_ row: inout RowReader) throws(DatabaseError) {
        let number: Int64 = try row.next()
        isReadOnly = number != 0
    }
}

extension DatabaseError {
    fileprivate static let readOnly = DatabaseError(
        code: .optionPreventsStatement,
        sqlState: "HY000",
        message: "the server is read-only"
    )

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
