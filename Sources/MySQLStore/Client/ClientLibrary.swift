// libmariadb's own state.

internal import CMariaDB

/// The client library's own state: once for the process, and once for each thread.
public enum ClientLibrary {
    /// Called once, before any thread is started.
    public static func start() {
        guard mysql_server_init(0, nil, nil) == 0 else { fatalError("libmariadb does not start") }
    }

    /// Called on each thread that is to use a `Store`, a `MaintenanceConnection` or a `HostKeeper`, before it does.
    public static func startThread() {
        guard mysql_thread_init() == 0 else { fatalError("libmariadb does not start on this thread") }
    }

    /// Called on such a thread before it ends.
    public static func endThread() {
        mysql_thread_end()
    }
}
