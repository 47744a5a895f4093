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
        let host: Int
        let maintenance: Maintenance
        let faults: [SchemaFault]
        do {
            (host, maintenance) = try firstUsableHost(of: settings.database)
            faults = try maintenance.schemaFaults()
        } catch {
            throw failure("database", "\(settings.database): \(error)", mend: error.remedy)
        }
        print("ok    database: \(settings.database)")
        try reportObstacles(of: maintenance)

        for fault in faults {
            print("wrong schema: \(fault.kind) \(fault.name): \(fault.found ?? "missing"), expected \(fault.expected)")
        }
        guard faults.isEmpty else {
            print("      to mend it: as an administrator, mariadb \(settings.database.database) < schema.sql")
            throw ExitCode.failure
        }
        print("ok    schema")

        let denied: [String]
        do {
            var database = settings.database
            database.addresses = [database.addresses[host]]
            try Store(DatabaseHosts(database)).prepareAll()
            denied = try maintenance.deniedRoutines()
        } catch {
            throw failure("privileges", "\(error)", mend: error.remedy)
        }
        guard denied.isEmpty else {
            let routines = denied.joined(separator: ", ")
            throw failure("privileges", "the account may not call \(routines)", mend: DatabaseError.applySchema)
        }
        print("ok    privileges")
    }

    /// The first host that answers and takes writes, or else the first that answers; what is wrong with those
    /// before it is told.
    private func firstUsableHost(of database: DatabaseSettings) throws(DatabaseError) -> (Int, Maintenance) {
        var usable: (Int, Maintenance)?
        var failure: DatabaseError?
        for (host, address) in database.addresses.enumerated() {
            do throws(DatabaseError) {
                let maintenance = try Maintenance(database, host: host)
                guard let obstacle = try maintenance.obstacles().first else { return (host, maintenance) }
                if usable == nil { usable = (host, maintenance) }
                if database.addresses.count > 1 { print("note  database host \(address): \(obstacle.problem)") }
            } catch {
                if database.addresses.count > 1 { print("note  database host \(address): \(error)") }
                if failure == nil { failure = error }
            }
        }
        if let usable { return usable }
        guard let failure else { preconditionFailure("a database is somewhere") }
        throw failure
    }

    private func reportObstacles(of maintenance: Maintenance) throws {
        let obstacles: [ServerObstacle]
        do {
            obstacles = try maintenance.obstacles()
        } catch {
            throw failure("server", "\(error)", mend: error.remedy)
        }
        for obstacle in obstacles {
            print("wrong server: \(obstacle.problem)")
            print("      to mend it: \(obstacle.remedy)")
        }
        guard obstacles.isEmpty else { throw ExitCode.failure }
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
    fileprivate var remedy: String {
        let grant = "GRANT orbia_conversation_app TO the account; SET DEFAULT ROLE orbia_conversation_app FOR it"
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
