// The command `serve`, which runs the service.

import ArgumentParser
import Runtime

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer FastCGI requests until SIGTERM or SIGINT (the default command).",
        discussion: """
            At the first signal no more connections are accepted, and nginx's kept ones are served until nginx \
            retires them or ORBIA_DRAIN_TIMEOUT has passed. At the second one only the requests that are being \
            served are finished. SIGUSR1 opens the access log's file anew. See `orbia-conversation --help` for \
            settings.
            """
    )

    /// How long writing the log may take after a start that failed.
    private static let logFlushTimeout = Interval.seconds(1)

    func run() throws {
        let settings = try Settings()
        Signals.block()
        StandardStreams.stopBlocking()
        let log = try ServiceLog()
        do {
            try Server(settings, log).run()
        } catch {
            // The log is written first: the error's message, which the caller prints, comes after it.
            log.finish(by: .now + Self.logFlushTimeout)
            throw error
        }
    }
}
