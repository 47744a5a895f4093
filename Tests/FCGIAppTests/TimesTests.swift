import Foundation
import Runtime
import Testing

@testable import FCGIApp
@testable import Handlers
@testable import MySQLStore

/// The table of times in docs/design.md: its values are the real ones, and the relations that it states hold.
@Suite struct TimesTests {
    private static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func theTableNamesEachTimeWithItsValue() throws {
        let rows = try Self.rows()
        #expect(Set(rows.map(\.name)) == Set(try Self.times().keys))
        for row in rows {
            #expect(try Self.times()[row.name] == Interval(text: row.value), "\(row.name)")
        }
    }

    @Test func eachTimeIsWhatTheTableSaysThatItHasToBe() throws {
        let times = try Self.times()
        for row in try Self.rows() {
            let parts = row.relation.split(separator: " ", maxSplits: 1).map(String.init)
            let others = try parts[1].components(separatedBy: " + ").map { try #require(times[$0], "\($0)") }
            let bound = others.reduce(.zero, +)
            let time = try #require(times[row.name])
            switch parts[0] {
            case "<": #expect(time < bound, "\(row.name)")
            case ">": #expect(time > bound, "\(row.name)")
            case ">=": #expect(time >= bound, "\(row.name)")
            default: Issue.record("\(row.name): \(row.relation)")
            }
        }
    }

    // MARK: Parts

    private struct Row {
        var name, value, relation: String
    }

    private static func rows() throws -> [Row] {
        let section = try text("docs/design.md").components(separatedBy: "### Times")[1]
        let lines = section.split(separator: "\n").drop { !$0.hasPrefix("| ---") }.dropFirst()
        return lines.prefix { $0.hasPrefix("|") }.map { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            return Row(name: cells[0], value: cells[1], relation: cells[3])
        }
    }

    private static func times() throws -> [String: Interval] {
        let settings = try Settings { $0 == "JWT_SECRET" ? "a secret of the tests, with more than 32 bytes" : nil }
        let database = settings.database
        let session = SessionSettings.statements(statementLimit: database.statementLimit).joined()
        let server = try text("nginx/orbia-conversation.conf")
        let upstream = try text("nginx/orbia-conversation-http.conf")
        let unit = try text("deploy/systemd/orbia-conversation@.service")
        return [
            "row lock wait": try first(#/innodb_lock_wait_timeout = (\d+)/#, in: session),
            "table lock wait": try first(#/ lock_wait_timeout = (\d+)/#, in: session),
            "statement limit": try first(#/max_statement_time = ([\d.]+)/#, in: session),
            "connect time": database.connectTimeout,
            "silence limit": database.silenceLimit,
            "answer time": database.answerTimeout,
            "queue age": settings.limits.queueAge,
            "deadline": settings.deadline,
            "receive time": settings.limits.receiveTimeout,
            "send time": settings.connections.sendTimeout,
            "idle time": settings.limits.idleTimeout,
            "drain": settings.drainTimeout,
            "nginx connect": try first(#/fastcgi_connect_timeout +(\d+)s;/#, in: server),
            "nginx send": try first(#/fastcgi_send_timeout +(\d+)s;/#, in: server),
            "nginx read": try first(#/fastcgi_read_timeout +(\d+)s;/#, in: server),
            "longest wait": RequestFields.longestWait,
            "nginx read of a poll": try first(
                #/get_conversations\)\$[^}]*\}[^}]*fastcgi_read_timeout +(\d+)s;/#,
                in: server
            ),
            "nginx retry": try first(#/fastcgi_next_upstream_timeout +(\d+)s;/#, in: server),
            "nginx keepalive age": try first(#/keepalive_time +(\d+)s;/#, in: upstream),
            "nginx keepalive idle": try first(#/keepalive_timeout +(\d+)s;/#, in: upstream),
            "log flush": Logs.finishTimes.access + Logs.finishTimes.service,
            "systemd stop": try first(#/TimeoutStopSec=(\d+)/#, in: unit),
        ]
    }

    /// Seconds, as the expression's group has them.
    private static func first(_ expression: Regex<(Substring, Substring)>, in text: String) throws -> Interval {
        let match = try #require(text.firstMatch(of: expression))
        return .seconds(try #require(Double(match.1)))
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: repository.appending(path: path), encoding: .utf8)
    }
}
