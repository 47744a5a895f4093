// The command `serve`, which runs the service.

import ArgumentParser
import Logging
import Runtime

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer FastCGI requests until SIGTERM or SIGINT (the default command).",
        discussion: """
            At the first signal no more connections are accepted, and nginx's kept ones are served until nginx \
            retires them or ORBIA_DRAIN_TIMEOUT has passed. At the second one only the requests that are being \
            served are finished. SIGUSR1 opens the access log's file anew. See `orbia-conversation --help` for \
            settings. Exit status 78 means that a setting is missing or bad.
            """
    )

    /// How long writing the log may take after a start that failed.
    private static let logFlushTimeout = Interval.seconds(1)
    /// The exit status for a bad setting: EX_CONFIG of sysexits.h. The unit does not start the service again after it.
    private static let configurationStatus: Int32 = 78

    func run() throws {
        Signals.block()
        StandardStreams.stopBlocking()
        let log = try ServiceLog()
        do {
            try Server(try Settings(), log).run()
        } catch {
            let isSettings = error is SettingsError
            // In the log, so that the line has a time, and in the journal the priority of an error.
            let text = isSettings ? "settings: \(error)\(Self.place)" : "\(error)"
            log.logger(level: .error).error("\(text)")
            log.finish(by: .now + Self.logFlushTimeout)
            // For `systemctl status`. Nobody is left to tell that it could not be told.
            try? ServiceManager(Settings.environment)?.notify("STATUS=\(text)")
            throw isSettings ? ExitCode(Self.configurationStatus) : ExitCode.failure
        }
    }

    /// Where the unit's settings are; empty where none of its files is there.
    private static var place: String {
        let paths = EnvironmentFile.pathsOfUnits()
        return paths.isEmpty ? "" : " (the units read \(paths.joined(separator: ", ")))"
    }
}
