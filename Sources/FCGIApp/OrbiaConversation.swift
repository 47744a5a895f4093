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
        version: BuildVersion.text,
        subcommands: [Serve.self, Check.self, Token.self],
        defaultSubcommand: Serve.self
    )

    /// Runs a command. What every command needs before and after it is done here.
    static func main() {
        Signals.letCrashesEndTheProcess()
        do {
            try StandardStreams.fillClosed()
            main(nil)
            // Output is still buffered, and writing it can fail: the disk may be full.
            try system("cannot write to standard output") { fflush(nil) }
        } catch {
            exit(withError: error)
        }
    }
}
