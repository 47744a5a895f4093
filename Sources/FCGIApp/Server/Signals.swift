// The process's signals: blocked everywhere, and taken in one place.

import Glibc

enum Signals {
    /// What a signal asks for.
    enum Wish {
        case stop
        case reopenLogs
    }

    private static let handled = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE]
    /// A log that reaches the limit of a file's size (RLIMIT_FSIZE), and a terminal that lets no process in the
    /// background write (stty tostop). With these ignored the one is an error of the write, and the other is none.
    private static let ignored = [SIGXFSZ, SIGTTOU]
    private static let crashes = [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS]

    /// Lets a crash end the process at once, whoever started it, and however.
    ///
    /// Where Swift's toolchain is installed, its runtime has put a handler there that stops all threads and starts a
    /// program to print a backtrace. That takes seconds, or for ever, and meanwhile the sockets are open and nginx
    /// sends requests. Called before all else, while there is one thread.
    static func letCrashesEndTheProcess() {
        for number in crashes { signal(number, SIG_DFL) }
        var set = signalSet(of: crashes)
        pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    /// Blocks those that are taken here, in this thread and in all that it starts. Called before threads are
    /// started, and before libfcgi, which installs handlers of its own that would swallow a SIGTERM.
    static func block() {
        for number in ignored { signal(number, SIG_IGN) }
        var set = signalSet(of: handled)
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits until somebody asks for something.
    static func next() -> Wish {
        var set = signalSet(of: handled)
        var signal: Int32 = 0
        while true {
            sigwait(&set, &signal)
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
