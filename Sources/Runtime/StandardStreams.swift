// Standard input, output and error, as the process was given them.

internal import Glibc

/// Mends what a careless starter may have left of the descriptors 0 to 2.
public enum StandardStreams {
    /// Opens /dev/null in the place of each that is closed. Otherwise the next socket would have its number, and
    /// text meant for standard error would be sent to nginx or to the database. It is called before anything is opened.
    public static func fillClosed() throws(SystemError) {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) == -1 {
            // The kernel gives the lowest number that is free, which is this one.
            try system("/dev/null") { open("/dev/null", O_RDWR) }
        }
    }

    /// Makes standard output and error such that writing to a pipe or a terminal that nobody reads does not block: a
    /// library may write there, and the runtime's message about a crash goes there.
    ///
    /// `O_NONBLOCK` belongs to the open file description, which others may share; so the pipe is opened once more.
    /// Where that fails (a socket, or another user's pipe) the descriptor stays as it is, and the log's thread, which
    /// polls before it writes, is the only one that it cannot hold up.
    public static func stopBlocking() {
        for descriptor in [STDOUT_FILENO, STDERR_FILENO] where isPipeOrTerminal(descriptor) {
            let own = open("/proc/self/fd/\(descriptor)", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
            guard own >= 0 else { continue }
            dup2(own, descriptor)
            close(own)
        }
    }

    private static func isPipeOrTerminal(_ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return status.st_mode & S_IFMT == S_IFIFO || isatty(descriptor) == 1
    }
}
