// Every setting, whatever it is, at its ends and past them: taken from their declarations.

import Runtime
import Testing

@testable import FCGIApp

@Suite struct SettingEndsTests {
    private static let ranges = Settings.all.filter { Range($0) != nil }.map(\.name)
    private static let names = Settings.all.map(\.name)

    /// What people write by mistake, and what nobody would.
    private static let oddities = [
        " ", "\t", "\n", "0", "-0", "-1", "+1", "1 ", " 1", "1.5", "1,5", "1e3", "0x10", "1_000", "NaN", "inf", "∞",
        "１", "٣", "५", "true", "off", "none", "null", ".", "..", "/", "//", "\\", ":", ":0", ":1", "::", "::1", "[",
        "[]",
        "[::1]", "[::1]:", "[::1]:0", "[::1]:65536", "host:", "host:0", "host:-1", "host:65536",
        "host:99999999999999999999",
        ",", ",,", "a,", ",a", "%", "%s%n", "'", "\"", "`id`", "$(id)", "*", "{}", "\u{1}", "\u{7F}", "\u{200B}",
        "\u{202E}",
        "\u{FEFF}", "\u{FFFD}", "😀", "e\u{301}", "1s1s", "s", "ms", "m", "1M", "1 s", "1sec", "-1s", "1h",
        "153722867m", "153722868m", "2147483647m", "2147483648m", "9223372036s", "9223372037s", "9223372036854ms",
        "9223372036855ms", "9223372036854775807ms", "9223372036854775808ms", String(Int64.max), String(UInt64.max),
        String(repeating: "9", count: 1_000), String(repeating: "9", count: 1_000) + "m",
        String(repeating: "0", count: 1_000) + "1", String(repeating: "x", count: 100_000),
        "/" + String(repeating: "x", count: 100_000), String(repeating: ",", count: 100_000),
        String(repeating: "a,", count: 50_000) + "a", String(repeating: ":", count: 100_000),
        String(repeating: "[", count: 100_000), String(repeating: "(", count: 100_000),
        String(repeating: "<", count: 100_000), String(repeating: "A", count: 100_000) + "1",
        String(repeating: "1.", count: 50_000),
    ]

    @Test func allAreInTheListAndAllOfTheListAreRead() throws {
        var asked: Set<String> = []
        _ = try Settings { name in
            asked.insert(name)
            return name == "JWT_SECRET" ? "secret" : nil
        }
        #expect(asked == Set(Self.names))
        #expect(Self.names.count == Set(Self.names).count)
    }

    @Test(arguments: ranges)
    func theEndsThemselvesAreGood(name: String) throws {
        let range = try #require(Range(setting(name)))
        for text in [range.lowest, range.highest] { #expect(refusal(of: text, name) == nil, "\(text)") }
    }

    @Test(arguments: ranges)
    func oneStepPastAnEndIsRefusedByName(name: String) throws {
        let range = try #require(Range(setting(name)))
        for text in [step(range.lowest, -1), step(range.highest, 1)] {
            #expect(refusal(of: text, name)?.hasPrefix("\(name) must be ") == true, "\(text)")
        }
    }

    @Test(arguments: names)
    func whateverElseIsWrittenThereIsAValueOrIsRefusedByName(name: String) {
        for text in Self.oddities {
            guard let refusal = refusal(of: text, name) else { continue }
            #expect(refusal.hasPrefix("\(name) must be ") && (text.count < 9 || !refusal.contains(text)))
        }
    }

    @Test(arguments: ranges)
    func nothingThatIsTooLargeForANumberIsTaken(name: String) {
        for text in Self.oddities where text.utf8.count > 8 && !text.hasPrefix("0") {
            #expect(refusal(of: text, name) != nil, "\(text)")
        }
    }

    @Test(arguments: names)
    func bytesThatAreNoTextAreRefused(name: String) {
        let text = String(decoding: [UInt8(ascii: "/"), 0xFF, 0xFE], as: UTF8.self)
        #expect(refusal(of: text, name) == "\(name) must be UTF-8")
    }

    @Test(
        arguments: [
            ("9223372036854ms", 9_223_372_036_854), ("9223372036s", 9_223_372_036_000),
            ("153722867m", 9_223_372_020_000),
            ("9223372036855ms", nil), ("9223372037s", nil), ("153722868m", nil), ("2147483647m", nil), ("0m", 0),
            ("99999999999999999999ms", nil), ("1", nil), ("ms", nil), ("-1ms", nil), ("١ms", nil),
        ] as [(String, Int64?)]
    )
    func aDurationIsAsLongAsAnIntervalCanBe(text: String, milliseconds: Int64?) {
        #expect(Interval(text: text)?.milliseconds == milliseconds)
    }

    @Test func aClusterHasUpToSixteenHosts() {
        let hosts = (1...17).map { "db\($0)" }
        #expect(refusal(of: hosts.dropLast().joined(separator: ","), "MYSQL_HOST") == nil)
        #expect(refusal(of: hosts.joined(separator: ","), "MYSQL_HOST") != nil)
    }

    @Test(arguments: [
        ("MYSQL_DATABASE", "库", 64), ("MYSQL_USERNAME", "用", 128), ("MYSQL_SOCKET", "x", 107),
        ("ORBIA_STATUS_LISTEN", "/", 107), ("ORBIA_ACCESS_LOG", "/", 4_095),
    ])
    func textsAreAsLongAsTheirUseAllows(name: String, character: String, longest: Int) {
        #expect(refusal(of: String(repeating: character, count: longest), name) == nil)
        #expect(refusal(of: String(repeating: character, count: longest + 1), name) != nil)
    }

    @Test func aSocketsPathIsAsLongAsTheSystemTakes() {
        let path = "/" + String(repeating: "x", count: 106)
        #expect(refusal(["ORBIA_LISTEN": path, "ORBIA_STATUS_LISTEN": "off"]) == nil)
        #expect(refusal(["ORBIA_LISTEN": path + "x", "ORBIA_STATUS_LISTEN": "off"])?.hasPrefix("ORBIA_LISTEN") == true)
    }

    @Test func aDirectoryIsNoCertificate() {
        for name in ["MYSQL_TLS_CA", "MYSQL_TLS_CERT", "MYSQL_TLS_KEY"] { #expect(refusal(of: "/tmp", name) != nil) }
    }

    @Test func theTwoSocketsAreTwo() {
        #expect(refusal(["ORBIA_LISTEN": "/x", "ORBIA_STATUS_LISTEN": "/x"])?.contains("ORBIA_STATUS_LISTEN") == true)
    }

    @Test(arguments: [
        ("CST-8", true), ("UTC0", true), ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", true),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", true),
        ("EST5EDT", true), ("CST6CDT,J60/2,300", true), ("Asia/Shanghai", true),
        ("CST-25", false), ("CST-999", false), ("CST-8 garbage", false), ("CST-8:99", false), ("CS-8", false),
        ("zone.tab", false), ("tzdata.zi", false), ("../../../etc/passwd", false), ("/etc/passwd", false),
        ("Asia", false),
    ])
    func aTimeZoneIsOneThatTheLibraryReadsAsSuch(name: String, isGood: Bool) {
        #expect((refusal(of: name, "TZ") == nil) == isGood)
    }

    // MARK: Helpers

    private struct Range {
        let lowest: String
        let highest: String

        init?(_ setting: any SettingDeclaration) {
            guard case .range(let lowest, let highest) = setting.bounds else { return nil }
            self.lowest = lowest
            self.highest = highest
        }
    }

    private func setting(_ name: String) throws -> any SettingDeclaration {
        try #require(Settings.all.first { $0.name == name })
    }

    /// Why the service does not start with this value; nil: it would.
    private func refusal(of text: String, _ name: String) -> String? {
        refusal([name: text])
    }

    private func refusal(_ variables: [String: String]) -> String? {
        do {
            _ = try Settings { variables[$0] ?? ($0 == "JWT_SECRET" ? "secret" : nil) }
            return nil
        } catch {
            return "\(error)"
        }
    }

    /// The next value: of a time by a millisecond, of an octal number in octal.
    private func step(_ text: String, _ by: Int64) -> String {
        if let interval = Interval(text: text) { return "\(interval.milliseconds + by)ms" }
        if text.hasPrefix("0"), text.count > 1 { return String((Int64(text, radix: 8) ?? 0) + by, radix: 8) }
        return String((Int64(text) ?? 0) + by)
    }
}
