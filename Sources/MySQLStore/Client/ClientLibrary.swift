// The set-up of libmariadb.

internal import CMariaDB

/// The client library is set up once for the process, and once for each thread that uses it.
public enum ClientLibrary {
    /// Sets it up for the process. It is called once, before any thread is started.
    public static func start() {
        guard mysql_server_init(0, nil, nil) == 0 else { fatalError("libmariadb does not start") }
    }

    /// Sets it up for the calling thread, before that uses a `Store`, a `MaintenanceConnection` or a `HostKeeper`.
    public static func startThread() {
        guard mysql_thread_init() == 0 else { fatalError("libmariadb does not start on this thread") }
    }

    /// Frees what the library keeps for the calling thread. It is called before the thread ends.
    public static func endThread() {
        mysql_thread_end()
    }
}
