// The command line.

import ArgumentParser

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

    /// The start of every command.
    static func main() {
        Signals.letCrashesEndTheProcess()
        do {
            try StandardStreams.fillClosed()
        } catch {
            exit(withError: error)
        }
        main(nil)
    }
}
