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
        let maintenance: Maintenance
        let faults: [SchemaFault]
        do {
            maintenance = try Maintenance(settings.database)
            faults = try maintenance.schemaFaults()
        } catch {
            let remedy = error.remedy(in: settings.database.database)
            throw failure("database", "\(settings.database): \(error)", mend: remedy)
        }
        print("ok    database: \(settings.database)")

        for fault in faults { report(fault) }
        if faults.contains(where: \.isMendable) {
            print("      to mend it: as an administrator, mariadb \(settings.database.database) < schema.sql")
        }
        guard !faults.contains(where: \.isNeeded) else { throw ExitCode.failure }
        print("ok    schema")

        try checkPrivileges(settings.database, maintenance)
    }

    private func checkPrivileges(_ database: DatabaseSettings, _ maintenance: Maintenance) throws {
        let denied: [String]
        let account: String?
        do {
            try Store(DatabaseHosts(database)).connect()
            denied = try maintenance.deniedRoutines()
            account = try maintenance.accountWithSharedRole()
        } catch {
            let remedy = error.remedy(in: database.database)
            throw failure("privileges", "\(error)", mend: remedy)
        }
        guard denied.isEmpty else {
            let routines = denied.joined(separator: ", ")
            throw failure("privileges", "the account may not call \(routines)", mend: DatabaseError.applySchema)
        }
        print("ok    privileges")
        if let account {
            let role = "`orbia_conversation_app_\(database.database)`"
            print("note  privileges: \(account) still has the role orbia_conversation_app, which is one for all databases")
            print("      to mend it: GRANT \(role) TO the account; SET DEFAULT ROLE \(role) FOR it;")
            print("      restart the service; REVOKE orbia_conversation_app FROM the account")
        }
    }

    private func report(_ fault: SchemaFault) {
        let severity = fault.isNeeded ? "wrong" : "note "
        let reason = fault.why.map { "; \($0)" } ?? ""
        let found = fault.found ?? "missing"
        print("\(severity) schema: \(fault.kind) \(fault.name): \(found), expected \(fault.expected)\(reason)")
    }

    private func failure(_ part: String, _ problem: String, mend: String) -> ExitCode {
        print("wrong \(part): \(problem)")
        print("      to mend it: \(mend)")
        return .failure
    }
}

extension DatabaseError {
    fileprivate static let applySchema = "as an administrator, mariadb DATABASE < schema.sql"

    /// What an operator can do about it.
    fileprivate func remedy(in database: String) -> String {
        let role = "`orbia_conversation_app_\(database)`"
        let grant = "GRANT \(role) TO the account; SET DEFAULT ROLE \(role) FOR it"
        return switch code {
        case .accessDenied: "check MYSQL_USERNAME and MYSQL_PASSWORD, and from which hosts the account may connect"
        case .hostNotPrivileged: "make an account for the host that the service connects from"
        case .hostBlocked: "as an administrator, FLUSH HOSTS"
        case .accountLocked: "as an administrator, ALTER USER the account ACCOUNT UNLOCK"
        // All of these look alike to an account without rights.
        case .databaseAccessDenied: "check MYSQL_DATABASE; \(Self.applySchema); \(grant)"
        case .routineAccessDenied: "\(Self.applySchema); \(grant)"
        case .unknownDatabase: "check MYSQL_DATABASE"
        case .secureConnectionFailed:
            "check MYSQL_TLS and its three files, that the server has TLS, and that MYSQL_HOST is a name in its certificate"
        case .noSuchRoutine, .noSuchTable, .unknownColumn, .tableAccessDenied, .columnAccessDenied: Self.applySchema
        default:
            kind == .connection
                ? "is the server running, and are MYSQL_HOST and MYSQL_PORT, or MYSQL_SOCKET, its address?"
                : "see the server's documentation of this error"
        }
    }
}
