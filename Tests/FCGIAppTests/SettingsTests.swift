// Settings: defaults, bounds, and messages that name the variable and never its value.

import Testing

@testable import FCGIApp

@Suite struct SettingsTests {
    private static let least = ["JWT_SECRET": "secret"]

    @Test func theDefaults() throws {
        let settings = try load([:])
        #expect(settings.database.host == "127.0.0.1")
        #expect(settings.database.port == 3306)
        #expect(settings.database.socket == nil)
        #expect(settings.database.database == "orbia")
        #expect(settings.database.username == "orbia_conversation")
        #expect(settings.database.password == "")
        #expect(settings.tokens.previousSecret == nil)
        #expect(settings.tokens.issuer == nil)
        #expect(settings.listenPath == "/run/orbia-conversation/fcgi.sock")
        #expect(settings.listenMode == 0o660)
        #expect(settings.workers == 8)
        #expect(settings.logLevel == .info)
    }

    @Test func eachIsReadFromItsVariable() throws {
        let settings = try load([
            "MYSQL_HOST": "db", "MYSQL_PORT": "3307", "MYSQL_SOCKET": "/s", "MYSQL_DATABASE": "d",
            "MYSQL_USERNAME": "u", "MYSQL_PASSWORD": "p", "JWT_SECRET_PREVIOUS": "old", "JWT_ISSUER": "i",
            "ORBIA_LISTEN": "/l", "ORBIA_LISTEN_MODE": "0600", "ORBIA_WORKERS": "3", "ORBIA_LOG_LEVEL": "debug",
        ])
        #expect(settings.database.host == "db")
        #expect(settings.database.port == 3307)
        #expect(settings.database.socket == "/s")
        #expect(settings.database.database == "d")
        #expect(settings.database.username == "u")
        #expect(settings.database.password == "p")
        #expect(settings.tokens.previousSecret == "old")
        #expect(settings.tokens.issuer == "i")
        #expect(settings.listenPath == "/l")
        #expect(settings.listenMode == 0o600)
        #expect(settings.workers == 3)
        #expect(settings.logLevel == .debug)
    }

    @Test(arguments: [
        ("MYSQL_PORT", "0"), ("MYSQL_PORT", "65536"), ("MYSQL_PORT", "x"), ("ORBIA_LISTEN", "relative"),
        ("ORBIA_LISTEN", "/" + String(repeating: "x", count: 107)), ("ORBIA_LISTEN_MODE", "0800"),
        ("ORBIA_LISTEN_MODE", "0100"), ("ORBIA_WORKERS", "0"), ("ORBIA_WORKERS", "257"), ("ORBIA_WORKERS", "1.5"),
        ("ORBIA_LOG_LEVEL", "loud"), ("TZ", "Mars/Olympus"), ("TZ", "/no/such/file"), ("TZ", "."),
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

    @Test(arguments: [[:], ["JWT_SECRET": ""]] as [[String: String]])
    func theSecretMustBeSet(variables: [String: String]) {
        #expect(throws: SettingsError("JWT_SECRET must be set")) { try Settings { variables[$0] } }
    }

    @Test func aVariableThatIsSetToNothingIsNotSet() throws {
        #expect(try load(["MYSQL_PORT": "", "MYSQL_SOCKET": ""]).database.socket == nil)
    }

    @Test func helpNamesEveryVariableInLinesThatFit() {
        for name in [
            "MYSQL_HOST", "MYSQL_PORT", "MYSQL_SOCKET", "MYSQL_DATABASE", "MYSQL_USERNAME", "MYSQL_PASSWORD",
            "JWT_SECRET", "JWT_SECRET_PREVIOUS", "JWT_ISSUER", "ORBIA_LISTEN", "ORBIA_LISTEN_MODE", "ORBIA_WORKERS",
            "ORBIA_LOG_LEVEL", "TZ",
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
