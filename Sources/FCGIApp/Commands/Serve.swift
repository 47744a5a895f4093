// `serve`: the service itself.

import ArgumentParser
import Handlers
import Logging
import MySQLStore

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer FastCGI requests until SIGTERM or SIGINT (the default command).",
        discussion: "What runs when the signal comes is finished first. See `orbia-conversation --help` for settings."
    )

    func run() throws {
        let settings = try Settings()
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "orbia-conversation")
        logger.logLevel = settings.logLevel
        try Server(settings, logger: logger).run()
    }
}
