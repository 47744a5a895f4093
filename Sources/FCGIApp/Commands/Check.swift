// `check`: what an operator asks before a start, and when something does not work.

import ArgumentParser
import MySQLStore

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say whether settings, database and schema are as the service needs them.",
        discussion: "Says what is wrong and how to mend it. Exits with 1 where something is."
    )

    func run() throws {
        let settings: Settings
        do {
            settings = try Settings()
        } catch {
            throw failure("settings", "\(error)", mend: "set it in the service's environment; see --help")
        }
        print("ok    settings")
        if settings.tokens.hasShortSecret {
            print("note  JWT_SECRET has fewer than 32 bytes: it is easier to guess than what it signs")
        }

        ClientLibrary.start()
        let faults: [SchemaFault]
        do {
            faults = try settings.database.schemaFaults()
        } catch {
            throw failure("database", "\(settings.database): \(error)", mend: error.remedy)
        }
        print("ok    database: \(settings.database)")

        for fault in faults {
            print("wrong schema: \(fault.kind) \(fault.name): \(fault.found ?? "missing"), expected \(fault.expected)")
        }
        guard faults.isEmpty else {
            print("      to mend it: as an administrator, mariadb \(settings.database.database) < schema.sql")
            throw ExitCode.failure
        }
        print("ok    schema")

        do {
            try Store(settings.database, health: DatabaseHealth()).connect()
        } catch {
            throw failure("privileges", "\(error)", mend: error.remedy)
        }
        print("ok    privileges")
    }

    private func failure(_ part: String, _ problem: String, mend: String) -> ExitCode {
        print("wrong \(part): \(problem)")
        print("      to mend it: \(mend)")
        return .failure
    }
}

extension DatabaseError {
    /// What an operator can do about it.
    fileprivate var remedy: String {
        let grant = "GRANT orbia_conversation_app TO the account; SET DEFAULT ROLE orbia_conversation_app FOR it"
        let applySchema = "as an administrator, mariadb DATABASE < schema.sql"
        return switch code {
        case .accessDenied: "check MYSQL_USERNAME and MYSQL_PASSWORD, and from which hosts the account may connect"
        case .databaseAccessDenied, .tableAccessDenied, .columnAccessDenied: grant
        // A routine that is not there cannot be told from one that may not be called.
        case .routineAccessDenied: "\(applySchema); and \(grant)"
        case .unknownDatabase: "check MYSQL_DATABASE"
        case .noSuchRoutine, .noSuchTable, .unknownColumn:
            applySchema
        default:
            kind == .connection
                ? "is the server running, and are MYSQL_HOST and MYSQL_PORT, or MYSQL_SOCKET, its address?"
                : "see the server's documentation of this error"
        }
    }
}
