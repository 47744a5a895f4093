// The process's signals: blocked everywhere, and taken in one place.

import Glibc

enum Signals {
    /// What a signal asks for.
    enum Wish {
        case stop
        case reopenLogs
    }

    private static let handled = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE]

    /// Blocks them in this thread and in all that it starts. Called before all else: libfcgi installs
    /// handlers of its own, which would swallow a SIGTERM.
    static func block() {
        var set = signalSet
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits until somebody asks for something.
    static func next() -> Wish {
        var set = signalSet
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

    private static var signalSet: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in handled { sigaddset(&set, signal) }
        return set
    }
}
