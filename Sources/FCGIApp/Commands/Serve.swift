// `serve`: the service itself.

import ArgumentParser
import Logging

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer FastCGI requests until SIGTERM or SIGINT (the default command).",
        discussion: """
            At the first signal no more connections are accepted, and nginx's kept ones are served until it retires \
            them (ORBIA_DRAIN_TIMEOUT at the most); at the second, what runs is finished and no more. SIGUSR1 opens \
            the access log's file anew. See `orbia-conversation --help` for settings.
            """
    )

    func run() throws {
        let settings = try Settings()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "orbia-conversation")
        logger.logLevel = settings.logging.level
        try Server(settings, logger: logger).run()
    }
}
