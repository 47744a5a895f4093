// The command `check`, which operators run before a start and when something does not work.

import ArgumentParser
import MySQLStore
import Runtime

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say whether settings, database and schema are as the service needs them.",
        discussion: """
            Each line begins with ok, note or wrong. What is wrong keeps the service from working, and makes the exit \
            status 1; a note is for an operator to look at. "to mend it" says what to do.
            """
    )

    /// The checks in their order. Where a group finds something wrong, the findings of the groups after it would say
    /// nothing of use, and these do not run.
    private static let groups: [[any DatabaseCheck.Type]] = [
        [ServerCheck.self],
        // Both run: a trigger that the definer may not see is reported as missing by the first of them.
        [SchemaCheck.self, DefinerCheck.self],
        [PrivilegesCheck.self],
        [BackfillCheck.self, OrderProgressCheck.self, ClockCheck.self],
    ]

    @Option(
        name: .customLong("environment-file"),
        help: ArgumentHelp(
            """
            A file with the service's secrets: it is said where others can read it. (default: those of the units, in \
            /etc/orbia-conversation)
            """,
            valueName: "path"
        ),
        completion: .file()
    )
    var environmentFiles: [String] = []

    func run() throws {
        checkEnvironmentFiles()
        let settings = try checkSettings()
        let (maintenance, database) = try connect(settings.database)
        for group in Self.groups {
            var hasPassed = true
            for check in group { hasPassed = try run(check, maintenance, database) && hasPassed }
            guard hasPassed else { throw ExitCode.failure }
        }
    }

    /// Runs one check and reports its findings. Returns whether nothing is wrong; an error of the database ends the
    /// command.
    private func run(
        _ check: any DatabaseCheck.Type,
        _ maintenance: MaintenanceConnection,
        _ database: DatabaseSettings
    ) throws -> Bool {
        let findings: [Finding]
        do {
            findings = try check.findings(maintenance, database)
        } catch {
            report([.wrong("\(error)", mend: error.remedy(Remedy(maintenance, database)))], of: check.part)
            throw ExitCode.failure
        }
        report(findings, of: check.part)
        return !findings.contains(where: \.isWrong)
    }

    /// Looks at who can read the files with the secrets. Says nothing where nobody can who should not.
    private func checkEnvironmentFiles() {
        for path in environmentFiles.isEmpty ? EnvironmentFile.pathsOfUnits() : environmentFiles {
            do throws(SystemError) {
                guard let who = try EnvironmentFile.exposure(of: path) else { continue }
                let problem = "\(path) is open to \(who), and has secrets in it"
                report([.note(problem, mend: "chmod 600 \(path)")], of: "environment")
            } catch {
                report([.note("\(error)")], of: "environment")
            }
        }
    }

    private func checkSettings() throws -> Settings {
        let settings: Settings
        do {
            settings = try Settings()
        } catch {
            report([.wrong("\(error)", mend: settingsRemedy)], of: "settings")
            throw ExitCode.failure
        }
        let shortSecret = Finding.note("JWT_SECRET has fewer than 32 bytes: it is easier to guess than what it signs")
        report([], of: "settings")
        if settings.tokens.hasShortSecret { report([shortSecret], of: "settings") }
        return settings
    }

    /// How to mend a setting. Where it is in a unit's file, this command was mostly just not given that.
    private var settingsRemedy: String {
        let paths = environmentFiles.isEmpty ? EnvironmentFile.pathsOfUnits() : environmentFiles
        guard (Settings.environment("JWT_SECRET") ?? "").isEmpty,
            let path = paths.first(where: { $0.hasSuffix("/all.env") }) ?? paths.first
        else { return "set it in the service's environment; see --help" }
        return "set it in \(path), and give this command what is there: (set -a; . \(path); orbia-conversation check)"
    }

    /// Connects to the host that is to be checked. Returns the connection, and settings with that host alone.
    private func connect(_ database: DatabaseSettings) throws -> (MaintenanceConnection, DatabaseSettings) {
        ClientLibrary.start()
        let host: Int
        let maintenance: MaintenanceConnection
        do throws(DatabaseError) {
            (host, maintenance) = try firstUsableHost(of: database)
        } catch {
            let remedy = error.remedy(Remedy(database: database.database))
            report([.wrong("\(database): \(error)", mend: remedy)], of: "database")
            throw ExitCode.failure
        }
        report([], of: "database: \(database)")
        var chosen = database
        chosen.addresses = [database.addresses[host]]
        return (maintenance, chosen)
    }

    /// Returns the first host that accepts writes, or else the first that answers. What is wrong with the hosts before it
    /// is reported as notes.
    private func firstUsableHost(of database: DatabaseSettings) throws(DatabaseError) -> (Int, MaintenanceConnection) {
        var usable: (Int, MaintenanceConnection)?
        var failure: DatabaseError?
        for (host, address) in database.addresses.enumerated() {
            do throws(DatabaseError) {
                let maintenance = try MaintenanceConnection(database, host: host)
                guard let fault = try maintenance.configurationFaults().first else { return (host, maintenance) }
                if usable == nil { usable = (host, maintenance) }
                if database.addresses.count > 1 { print("note  database host \(address): \(fault.problem)") }
            } catch {
                if database.addresses.count > 1 { print("note  database host \(address): \(error)") }
                if failure == nil { failure = error }
            }
        }
        if let usable { return usable }
        guard let failure else { preconditionFailure("a database is somewhere") }
        throw failure
    }

    private func report(_ findings: [Finding], of part: String) {
        for finding in findings { print(finding.text(of: part)) }
        if findings.isEmpty { print("ok    \(part)") }
    }
}
