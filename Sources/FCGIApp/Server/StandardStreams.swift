// Standard input, output and error, as this process was given them.

import Glibc

enum StandardStreams {
    /// Opens /dev/null in the place of each that is closed. The next socket would have its number else, and what
    /// is meant for standard error would be sent to nginx or to the database. Called before anything is opened.
    static func fillClosed() throws(SystemError) {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest number that is free.
            try system("/dev/null") { open("/dev/null", O_RDWR) }
        }
    }

    /// Sees to it that a pipe or a terminal that nobody reads holds up nobody who writes to it from within this
    /// process: not the runtime's message about a crash, and not a library.
    ///
    /// `O_NONBLOCK` belongs to the open file description, which others may share; so the pipe is opened once more.
    /// Where that cannot be (a socket, or another user's pipe) the descriptor stays as it is: the log's thread looks
    /// whether there is room before it writes.
    static func stopBlocking() {
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
