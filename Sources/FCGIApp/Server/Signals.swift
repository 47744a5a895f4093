// The process's signals: blocked everywhere, and taken in one place.

import Glibc

enum Signals {
    private static let handled = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE]

    /// Blocks them in this thread and in all that it starts. Called before all else: libfcgi installs
    /// handlers of its own, which would swallow a SIGTERM, and does not resume a read that a signal
    /// interrupts.
    static func block() {
        var set = signalSet
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits until somebody asks the process to stop.
    static func waitForStop() {
        var set = signalSet
        var signal: Int32 = 0
        repeat { sigwait(&set, &signal) } while signal != SIGTERM && signal != SIGINT
    }

    private static var signalSet: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in handled { sigaddset(&set, signal) }
        return set
    }
}
