// `check`: what an operator asks before a start, and when something does not work.

import ArgumentParser
import MySQLStore

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say whether settings, database and schema are as the service needs them.",
        discussion: """
            A line begins with ok, note or wrong. What is wrong keeps the service from its work, and ends the check with \
            exit status 1; a note is for an operator to look at. "to mend it" says how.
            """
    )

    /// In this order: what is wrong with one keeps the next from saying anything of use.
    private static let databaseChecks: [any DatabaseCheck.Type] = [
        SchemaCheck.self, PrivilegesCheck.self, DefinerCheck.self, BackfillCheck.self, ClockCheck.self,
    ]

    func run() throws {
        let settings = try checkSettings()
        let maintenance = try connect(settings.database)
        for check in Self.databaseChecks {
            let findings: [Finding]
            do {
                findings = try check.findings(maintenance, settings.database)
            } catch {
                findings = [.wrong("\(error)", mend: error.remedy(in: settings.database.database))]
            }
            try report(findings, of: check.part)
        }
    }

    private func checkSettings() throws -> Settings {
        let settings: Settings
        do {
            settings = try Settings()
        } catch {
            try report([.wrong("\(error)", mend: "set it in the service's environment; see --help")], of: "settings")
            throw ExitCode.failure
        }
        let shortSecret = Finding.note("JWT_SECRET has fewer than 32 bytes: it is easier to guess than what it signs")
        try report(settings.tokens.hasShortSecret ? [shortSecret] : [], of: "settings")
        return settings
    }

    private func connect(_ database: DatabaseSettings) throws -> Maintenance {
        ClientLibrary.start()
        let maintenance: Maintenance
        do {
            maintenance = try Maintenance(database)
        } catch {
            try report([.wrong("\(database): \(error)", mend: error.remedy(in: database.database))], of: "database")
            throw ExitCode.failure
        }
        try report([], of: "database: \(database)")
        return maintenance
    }

    /// Prints what was found of a part; ends the check where something is wrong with it.
    private func report(_ findings: [Finding], of part: String) throws {
        for finding in findings { print(finding.text(of: part)) }
        if findings.contains(where: \.isWrong) { throw ExitCode.failure }
        if findings.isEmpty { print("ok    \(part)") }
    }
}
