// The settings that say where the database is, and with which account it is used.

import MySQLStore

struct DatabaseVariables: SettingGroup {
    var title: String { "Database" }

    let host = Setting<DatabaseHostList>(
        name: "MYSQL_HOST",
        type: "host or host:port, or several with commas between",
        bounds: .count(DatabaseHostList.maximumCount),
        defaultValue: .value("127.0.0.1"),
        reason: """
            The database server, or the nodes of a cluster in the order in which they are preferred, such as \
            db1,db2:3307,[::1]:3308. All workers use the first host that answers and accepts writes, and return to a \
            preferred one when it does so again.
            """
    ) { DatabaseHostList($0) }
    let port = Setting<Int>.integer(
        "MYSQL_PORT",
        default: 3_306,
        in: 1...65_535,
        "TCP port of the hosts that have none of their own in MYSQL_HOST."
    )
    let socket = Setting<String>(
        name: "MYSQL_SOCKET",
        type: "the path of a Unix socket",
        bounds: .length(UnixSocket.maximumPathLength, unit: "bytes"),
        defaultValue: .absent("none"),
        reason: "Unix socket of a server on this machine. Where it is set, host and port are not used."
    ) { path in
        path.utf8.count <= UnixSocket.maximumPathLength ? path : nil
    }
    let database = Setting<String>.text(
        "MYSQL_DATABASE",
        default: .value("orbia"),
        maximumLength: 64,
        "The database that schema.sql was applied to."
    )
    let username = Setting<String>.text(
        "MYSQL_USERNAME",
        default: .value("orbia_conversation"),
        maximumLength: 128,
        """
        The service's account. It needs the role orbia_conversation_app_DATABASE as its default role, and nothing else.
        """
    )
    let password = Setting<String>.text(
        "MYSQL_PASSWORD",
        default: .absent("none"),
        "The account's password. An account that is known by its certificate needs none."
    )
    let security = Setting<TransportSecurity.Mode>.word(
        "MYSQL_TLS",
        default: .off,
        oneOf: [.off, .required, .verify],
        """
        Encryption of TCP connections to the database. With "required" any server is accepted that encrypts; with \
        "verify" it must have a certificate for its name in MYSQL_HOST, signed by an authority of MYSQL_TLS_CA. \
        Use "verify" on a network that others share.
        """
    )
    let authority = Setting<String>.file(
        "MYSQL_TLS_CA",
        default: .absent("the system's"),
        "Certificates of the authorities that are trusted, in PEM."
    )
    let certificate = Setting<String>.file(
        "MYSQL_TLS_CERT",
        default: .absent("none"),
        "The service's own certificate, in PEM, for an account that requires one (REQUIRE X509)."
    )
    let key = Setting<String>.file(
        "MYSQL_TLS_KEY",
        default: .absent("none"),
        "Private key of the service's own certificate, in PEM."
    )
}
