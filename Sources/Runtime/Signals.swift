// The process's signals: blocked in all threads, and taken by one.

internal import Glibc

/// Sets how the process handles signals, and receives those that are commands.
public enum Signals {
    /// The command that a signal stands for.
    public enum Command: Sendable {
        /// SIGTERM or SIGINT.
        case stop
        /// SIGUSR1.
        case reopenLogs
    }

    private static let blocked = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE]
    /// A log that reaches the limit of a file's size (RLIMIT_FSIZE), and a terminal that lets no process in the
    /// background write (stty tostop). With these ignored the one is an error of the write, and the other is none.
    private static let ignored = [SIGXFSZ, SIGTTOU]
    private static let crashes = [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]

    /// Lets a crash end the process at once, whatever its starter ignored or blocked. It is called before all else,
    /// while there is one thread.
    ///
    /// Where Swift's toolchain is installed, its runtime has installed a handler that stops all threads and starts a
    /// program to print a backtrace. That takes seconds, or has no end, and meanwhile the sockets are open and nginx
    /// sends requests.
    public static func letCrashesEndTheProcess() {
        for number in crashes { signal(number, SIG_DFL) }
        var set = signalSet(of: crashes)
        checkPthread("pthread_sigmask", pthread_sigmask(SIG_UNBLOCK, &set, nil))
    }

    /// Blocks the signals that `next` takes, in this thread and in all that it starts. It is called before threads are
    /// started, and before libfcgi, which installs handlers of its own that would swallow a SIGTERM.
    public static func block() {
        for number in ignored { signal(number, SIG_IGN) }
        var set = signalSet(of: blocked)
        checkPthread("pthread_sigmask", pthread_sigmask(SIG_BLOCK, &set, nil))
    }

    /// Waits for a signal that is a command. SIGHUP and SIGPIPE are none, and are ignored.
    public static func next() -> Command {
        var set = signalSet(of: blocked)
        var signal: Int32 = 0
        while true {
            checkPthread("sigwait", sigwait(&set, &signal))
            switch signal {
            case SIGTERM, SIGINT: return .stop
            case SIGUSR1: return .reopenLogs
            default: continue
            }
        }
    }

    private static func signalSet(of signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in signals { sigaddset(&set, signal) }
        return set
    }
}
