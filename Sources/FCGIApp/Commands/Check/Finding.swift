// The result of a check: what is wrong or worth a note, and how to mend it.

import MySQLStore

struct Finding {
    /// Whether the service, or a change of an order by the platform, fails because of the problems.
    var isWrong: Bool
    var problems: [String]
    var remedy: String?

    /// A finding with several problems that one remedy mends.
    static func wrong(_ problems: [String], mend remedy: String) -> Finding {
        Finding(isWrong: true, problems: problems, remedy: remedy)
    }

    static func wrong(_ problem: String, mend remedy: String) -> Finding {
        wrong([problem], mend: remedy)
    }

    static func note(_ problem: String, mend remedy: String? = nil) -> Finding {
        Finding(isWrong: false, problems: [problem], remedy: remedy)
    }

    /// Returns the lines that report the finding.
    func text(of part: String) -> String {
        let word = isWrong ? "wrong" : "note "
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
