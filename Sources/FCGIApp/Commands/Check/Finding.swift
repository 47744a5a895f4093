// The result of a check: what is wrong or worth a note, and how to mend it; or a fact, where nothing is.

import MySQLStore

struct Finding {
    enum Kind: String {
        /// The service, or a change of an order by the platform, fails because of the problems.
        case wrong
        /// An operator should look at it.
        case note
        /// What an operator has chosen, and may want to know.
        case fact = "ok"
    }

    var kind: Kind
    var problems: [String]
    var remedy: String?

    /// A finding with several problems that one remedy mends.
    static func wrong(_ problems: [String], mend remedy: String) -> Finding {
        Finding(kind: .wrong, problems: problems, remedy: remedy)
    }

    static func wrong(_ problem: String, mend remedy: String) -> Finding {
        wrong([problem], mend: remedy)
    }

    static func note(_ problem: String, mend remedy: String? = nil) -> Finding {
        Finding(kind: .note, problems: [problem], remedy: remedy)
    }

    static func fact(_ text: String) -> Finding {
        Finding(kind: .fact, problems: [text])
    }

    var isWrong: Bool { kind == .wrong }

    /// Returns the lines that report the finding.
    func text(of part: String) -> String {
        let word = kind.rawValue + String(repeating: " ", count: 5 - kind.rawValue.count)
        let lines = problems.map { "\(word) \(part): \($0)" } + (remedy.map { ["      to mend it: \($0)"] } ?? [])
        return lines.joined(separator: "\n")
    }
}

/// A check of one part of the database.
protocol DatabaseCheck: Sendable {
    /// The name of the part in the lines of the report.
    static var part: String { get }

    /// Runs the check. The result is empty where nothing is wrong.
    static func findings(_ maintenance: MaintenanceConnection, _ database: DatabaseSettings) throws(DatabaseError)
        -> [Finding]
}
