// The process from its start to its end.

import Logging
import MySQLStore

/// Serves requests with a fixed number of worker threads.
struct Server {
    private let settings: Settings
    private let logger: Logger
    private let health = DatabaseHealth()

    init(_ settings: Settings, logger: Logger) {
        self.settings = settings
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT; returns when the last request is finished.
    func run() throws {
        Signals.block()
        FCGXConnection.startLibrary()
        ClientLibrary.start()

        if settings.tokens.hasShortSecret {
            logger.warning("JWT_SECRET has fewer than 32 bytes: it is easier to guess than what it signs")
        }
        let stop = try StopSignal()
        let listener = try UnixListener(path: settings.listenPath, mode: settings.listenMode, stop: stop)
        let threads = startWorkers(listener) + [startBackfill(stop)]
        logger.info("listening on \(settings.listenPath) with \(settings.workers) workers")

        Signals.waitForStop()
        logger.info("stopping")
        listener.removePath()
        stop.send()
        for thread in threads { thread.join() }
        logger.info("stopped")
    }

    private func startWorkers(_ listener: UnixListener) -> [Thread] {
        (0..<settings.workers).map { _ in
            Thread { [settings, health, logger] in
                ClientLibrary.startThread()
                Worker(settings, health: health, logger: logger).run(on: listener)
                ClientLibrary.endThread()
            }
        }
    }

    private func startBackfill(_ stop: StopSignal) -> Thread {
        Thread { [settings, logger] in
            ClientLibrary.startThread()
            Backfill(settings.database, logger: logger).run(until: stop)
            ClientLibrary.endThread()
        }
    }
}
