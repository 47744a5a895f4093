// What an operator is advised to do about an error of the database.

import MySQLStore

/// Advice that names the database that was checked.
struct Remedy {
    let database: String
    /// The version of the database's schema where it is newer than this program. The program's own schema.sql would be
    /// a step back there.
    var newerVersion: Int64?

    var applySchema: String {
        let apply = "as an administrator, mariadb \(database) < schema.sql"
        guard let newerVersion else { return apply }
        return "\(apply) of version \(newerVersion), which the database has; this program is older"
    }

    /// The role that schema.sql creates for the database.
    private var role: String { "`orbia_conversation_app_\(database)`" }

    var grantRole: String { "GRANT \(role) TO the account; SET DEFAULT ROLE \(role) FOR it" }

    var moveFromSharedRole: String {
        "\(grantRole); restart the service; REVOKE orbia_conversation_app FROM the account"
    }

    fileprivate var restore: String {
        "a dump brings neither accounts nor rights: see docs/operations.md, Restoring"
    }
}

extension Remedy {
    /// Advice for the database that is connected to.
    init(_ maintenance: MaintenanceConnection, _ database: DatabaseSettings) {
        self.init(database: database.database, newerVersion: (try? maintenance.newerSchemaVersion()) ?? nil)
    }
}

extension DatabaseError {
    /// Returns what an operator can do about the error.
    func remedy(_ remedy: Remedy) -> String {
        switch code {
        case .accessDenied:
            """
            check MYSQL_USERNAME and MYSQL_PASSWORD, and from which hosts the account may connect; \(remedy.restore)
            """
        case .hostNotPrivileged: "make an account for the host that the service connects from"
        case .hostBlocked: "as an administrator, FLUSH HOSTS"
        case .accountLocked: "as an administrator, ALTER USER the account ACCOUNT UNLOCK"
        // To an account without rights, a missing database and missing rights are the same error.
        case .databaseAccessDenied:
            "check MYSQL_DATABASE; \(remedy.applySchema); \(remedy.grantRole); \(remedy.restore)"
        // The account that lacks the right, which the error names, can be the routine's definer.
        case .routineAccessDenied: "\(remedy.applySchema); \(remedy.grantRole); \(remedy.restore)"
        case .noSuchDefiner:
            "\(remedy.applySchema); until then every change of an order fails; \(remedy.restore)"
        case .tableAccessDenied, .columnAccessDenied: "\(remedy.applySchema); \(remedy.restore)"
        case .unknownDatabase: "check MYSQL_DATABASE"
        case .secureConnectionFailed:
            "check MYSQL_TLS and its three files, that the server has TLS, and that MYSQL_HOST is a name in its certificate"
        case .noSuchRoutine, .noSuchTable, .unknownColumn: remedy.applySchema
        default:
            kind == .connection
                ? "is the server running, and are MYSQL_HOST and MYSQL_PORT, or MYSQL_SOCKET, its address?"
                : "see the server's documentation of this error"
        }
    }
}
