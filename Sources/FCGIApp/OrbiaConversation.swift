// The command line.

import ArgumentParser
import Glibc
import Runtime

@main
struct OrbiaConversation: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "orbia-conversation",
        abstract: "The chat between users and KOLs, as a FastCGI application on MariaDB.",
        discussion: Settings.help,
        version: "0.1.0",
        subcommands: [Serve.self, Check.self, Token.self],
        defaultSubcommand: Serve.self
    )

    /// The start of every command, and its end where it succeeds.
    static func main() {
        Signals.letCrashesEndTheProcess()
        do {
            try StandardStreams.fillClosed()
            main(nil)
            // What was printed may still be in memory, and there may be no room for it.
            try system("cannot write to standard output") { fflush(nil) }
        } catch {
            exit(withError: error)
        }
    }
}
