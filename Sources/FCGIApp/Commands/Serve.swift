// `serve`: the service itself.

import ArgumentParser
import Runtime

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer FastCGI requests until SIGTERM or SIGINT (the default command).",
        discussion: """
            At the first signal no more connections are accepted, and nginx's kept ones are served until it retires \
            them (ORBIA_DRAIN_TIMEOUT at the most); at the second, what runs is finished and no more. SIGUSR1 opens \
            the access log's file anew. See `orbia-conversation --help` for settings.
            """
    )

    /// How long the lines before a start that fails may take to be written.
    private static let patience = Interval.seconds(1)

    func run() throws {
        let settings = try Settings()
        Signals.block()
        StandardStreams.stopBlocking()
        let log = try ServiceLog()
        do {
            try Server(settings, log).run()
        } catch {
            // Its message comes after what was logged on the way to it.
            log.finish(by: .now + Self.patience)
            throw error
        }
    }
}
