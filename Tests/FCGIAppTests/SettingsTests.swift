// Settings: defaults, bounds, and messages that name the variable and never its value.

import MySQLStore
import Runtime
import Testing

@testable import FCGIApp

@Suite struct SettingsTests {
    private static let least = ["JWT_SECRET": "secret"]

    @Test func theDefaults() throws {
        let settings = try load([:])
        #expect(settings.database.addresses == [.host("127.0.0.1", port: 3306)])
        #expect(settings.database.security.mode == .off)
        #expect(settings.database.database == "orbia")
        #expect(settings.database.username == "orbia_conversation")
        #expect(settings.database.password == "")
        #expect(settings.tokens.previousSecret == nil)
        #expect(settings.tokens.issuer == nil)
        #expect(settings.listening.address == nil)
        #expect(settings.listening.statusPath == "/run/orbia-conversation/fcgi.status.sock")
        #expect(settings.listening.unixSocket.mode == 0o660)
        #expect(settings.listening.unixSocket.group == nil)
        #expect(settings.listening.backlog == 4_096)
        #expect(settings.limits.workers == 8)
        #expect(settings.limits.connections == 12_288)
        #expect(settings.limits.queueLength == 1_024)
        #expect(settings.limits.queueAge == .seconds(1))
        #expect(settings.limits.receiveTimeout == .seconds(5))
        #expect(settings.limits.idleTimeout == .seconds(60))
        #expect(settings.connections.sendTimeout == .seconds(5))
        #expect(settings.connections.bodyLimit == 512 * 1_024)
        #expect(settings.deadline == .seconds(3))
        #expect(settings.drainTimeout == .seconds(20))
        #expect(settings.logging.level == .info)
        #expect(settings.logging.slow == .seconds(1))
        #expect(settings.logging.access == .standardOutput)
    }

    @Test func eachIsReadFromItsVariable() throws {
        let settings = try load([
            "MYSQL_HOST": "db", "MYSQL_PORT": "3307", "MYSQL_SOCKET": "/s", "MYSQL_DATABASE": "d",
            "MYSQL_TLS": "verify", "MYSQL_TLS_CA": "/dev/null", "MYSQL_TLS_CERT": "/etc/passwd",
            "MYSQL_TLS_KEY": "/etc/group",
            "MYSQL_USERNAME": "u", "MYSQL_PASSWORD": "p", "JWT_SECRET_PREVIOUS": "old", "JWT_ISSUER": "i",
            "ORBIA_LISTEN": "/l", "ORBIA_LISTEN_MODE": "0600", "ORBIA_LISTEN_GROUP": "g", "ORBIA_BACKLOG": "5",
            "ORBIA_STATUS_LISTEN": "/t", "ORBIA_WORKERS": "3", "ORBIA_CONNECTIONS": "4", "ORBIA_QUEUE_LENGTH": "6",
            "ORBIA_QUEUE_AGE": "70ms", "ORBIA_READ_TIMEOUT": "8s", "ORBIA_WRITE_TIMEOUT": "9s",
            "ORBIA_IDLE_TIMEOUT": "10m", "ORBIA_DEADLINE": "11s", "ORBIA_BODY_LIMIT": "1200",
            "ORBIA_DRAIN_TIMEOUT": "0s", "ORBIA_LOG_LEVEL": "debug", "ORBIA_SLOW": "14ms", "ORBIA_ACCESS_LOG": "/a",
        ])
        #expect(settings.database.addresses == [.socket("/s")])
        #expect(settings.database.security.mode == .verify)
        #expect(settings.database.security.authority == "/dev/null")
        #expect(settings.database.security.certificate == "/etc/passwd")
        #expect(settings.database.security.key == "/etc/group")
        #expect(settings.database.database == "d")
        #expect(settings.database.username == "u")
        #expect(settings.database.password == "p")
        #expect(settings.tokens.previousSecret == "old")
        #expect(settings.tokens.issuer == "i")
        #expect(settings.listening.address == .path("/l"))
        #expect(settings.listening.statusPath == "/t")
        #expect(settings.listening.unixSocket.mode == 0o600)
        #expect(settings.listening.unixSocket.group == "g")
        #expect(settings.listening.backlog == 5)
        #expect(settings.limits.workers == 3)
        #expect(settings.limits.connections == 4)
        #expect(settings.limits.queueLength == 6)
        #expect(settings.limits.queueAge == .milliseconds(70))
        #expect(settings.limits.receiveTimeout == .seconds(8))
        #expect(settings.connections.sendTimeout == .seconds(9))
        #expect(settings.limits.idleTimeout == .seconds(600))
        #expect(settings.deadline == .seconds(11))
        #expect(settings.database.deadline == .seconds(11))
        #expect(settings.connections.bodyLimit == 1_200)
        #expect(settings.drainTimeout == .zero)
        #expect(settings.logging.level == .debug)
        #expect(settings.logging.slow == .milliseconds(14))
        #expect(settings.logging.access == .file("/a"))
    }

    @Test(arguments: [
        ("MYSQL_HOST", "a b"), ("MYSQL_HOST", "a,,b"), ("MYSQL_HOST", "a:0"), ("MYSQL_HOST", "a:65536"),
        ("MYSQL_HOST", "a:x"), ("MYSQL_HOST", "[::1"), ("MYSQL_HOST", "/run/mysqld.sock"), ("MYSQL_HOST", "a:1:2:z"),
        ("MYSQL_TLS", "on"), ("MYSQL_TLS_CA", "/no/such/file"), ("MYSQL_TLS_CERT", "/no/such/file"),
        ("MYSQL_TLS_KEY", "/no/such/file"), ("MYSQL_PORT", "0"), ("MYSQL_PORT", "65536"), ("MYSQL_PORT", "x"),
        ("ORBIA_LISTEN", "relative"),
        ("ORBIA_LISTEN", "/" + String(repeating: "x", count: 107)), ("ORBIA_LISTEN_MODE", "0800"),
        ("ORBIA_LISTEN_MODE", "0100"), ("ORBIA_WORKERS", "0"), ("ORBIA_WORKERS", "257"), ("ORBIA_WORKERS", "1.5"),
        ("ORBIA_LISTEN", "host"), ("ORBIA_STATUS_LISTEN", "x"), ("ORBIA_STATUS_LISTEN", "host:1"),
        ("ORBIA_QUEUE_AGE", "1"), ("ORBIA_QUEUE_AGE", "1h"), ("ORBIA_QUEUE_AGE", "-1s"), ("ORBIA_QUEUE_AGE", "1.5s"),
        ("ORBIA_QUEUE_AGE", "9ms"), ("ORBIA_QUEUE_AGE", "61s"), ("ORBIA_DEADLINE", "999ms"),
        ("ORBIA_IDLE_TIMEOUT", "99999999999s"), ("ORBIA_QUEUE_LENGTH", "0"), ("ORBIA_CONNECTIONS", "0"),
        ("ORBIA_BODY_LIMIT", "0"), ("ORBIA_BACKLOG", "65536"), ("FCGI_WEB_SERVER_ADDRS", "localhost"),
        ("ORBIA_ACCESS_LOG", "log"), ("ORBIA_LOG_LEVEL", "loud"), ("TZ", "Mars/Olympus"), ("TZ", "/no/such/file"),
        ("TZ", "."),
    ])
    func aBadValueIsRefusedByItsName(name: String, value: String) {
        #expect { try load([name: value]) } throws: { error in
            "\(error)".hasPrefix("\(name) must be ")
        }
    }

    @Test(arguments: ["UTC", "CST-8", "<+08>-8", "EST5EDT,M3.2.0,M11.1.0", ":UTC"])
    func aTimeZoneIsWhatTheSystemKnows(name: String) throws {
        _ = try load(["TZ": name])
    }

    @Test(arguments: [
        ("db", [DatabaseAddress.host("db", port: 3300)]),
        ("db1,db2:3307", [.host("db1", port: 3300), .host("db2", port: 3307)]),
        (" db1 , 10.0.0.2:1 ", [.host("db1", port: 3300), .host("10.0.0.2", port: 1)]),
        (
            "[::1]:3307,[fe80::1%eth0],::1",
            [
                .host("::1", port: 3307), .host("fe80::1%eth0", port: 3300), .host("::1", port: 3300),
            ]
        ),
    ])
    func severalHosts(text: String, addresses: [DatabaseAddress]) throws {
        #expect(try load(["MYSQL_HOST": text, "MYSQL_PORT": "3300"]).database.addresses == addresses)
    }

    @Test(arguments: [[:], ["JWT_SECRET": ""]] as [[String: String]])
    func theSecretMustBeSet(variables: [String: String]) {
        #expect(throws: SettingsError("JWT_SECRET must be set")) { try Settings { variables[$0] } }
    }

    @Test func aVariableThatIsSetToNothingIsNotSet() throws {
        #expect(
            try load(["MYSQL_PORT": "", "MYSQL_SOCKET": ""]).database.addresses == [.host("127.0.0.1", port: 3306)]
        )
    }

    @Test(
        arguments: [
            ("/x/1.sock", "/x/1.status.sock"), ("/x/one", "/x/one.status.sock"), ("127.0.0.1:9000", nil),
        ] as [(String, String?)]
    )
    func theStatusSocketIsBesideTheOther(listen: String, status: String?) throws {
        #expect(try load(["ORBIA_LISTEN": listen]).listening.statusPath == status)
    }

    @Test func theStatusSocketCanBeOff() throws {
        #expect(try load(["ORBIA_STATUS_LISTEN": "off"]).listening.statusPath == nil)
    }

    @Test func aStatusSocketWhosePathWouldBeTooLongIsToBeNamed() {
        let path = "/" + String(repeating: "x", count: 100)
        #expect { try load(["ORBIA_LISTEN": path]) } throws: { "\($0)".hasPrefix("ORBIA_STATUS_LISTEN must be set") }
    }

    @Test func helpNamesEveryVariableInLinesThatFit() {
        for name in [
            "MYSQL_HOST", "MYSQL_PORT", "MYSQL_SOCKET", "MYSQL_DATABASE", "MYSQL_USERNAME", "MYSQL_PASSWORD",
            "MYSQL_TLS", "MYSQL_TLS_CA", "MYSQL_TLS_CERT", "MYSQL_TLS_KEY", "JWT_SECRET", "JWT_SECRET_PREVIOUS",
            "JWT_ISSUER", "ORBIA_LISTEN", "ORBIA_LISTEN_MODE",
            "ORBIA_LISTEN_GROUP", "FCGI_WEB_SERVER_ADDRS", "ORBIA_BACKLOG", "ORBIA_STATUS_LISTEN", "ORBIA_WORKERS",
            "ORBIA_QUEUE_LENGTH", "ORBIA_QUEUE_AGE", "ORBIA_CONNECTIONS", "ORBIA_READ_TIMEOUT",
            "ORBIA_WRITE_TIMEOUT", "ORBIA_IDLE_TIMEOUT", "ORBIA_DEADLINE", "ORBIA_BODY_LIMIT",
            "ORBIA_DRAIN_TIMEOUT", "ORBIA_LOG_LEVEL", "ORBIA_SLOW", "ORBIA_ACCESS_LOG", "TZ",
        ] {
            #expect(Settings.help.contains("\n  \(name)"))
        }
        #expect(Settings.help.split(separator: "\n").allSatisfy { $0.count < 80 })
    }

    private func load(_ variables: [String: String]) throws(SettingsError) -> Settings {
        let all = Self.least.merging(variables) { $1 }
        return try Settings { all[$0] }
    }
}
