// What a check has to say.

import MySQLStore

/// Something that is not as it should be, and what an operator can do about it.
struct Finding {
    /// Whether it keeps the service, or the platform's orders, from their work.
    var isWrong: Bool
    var problems: [String]
    var remedy: String?

    /// Several problems that one remedy mends.
    static func wrong(_ problems: [String], mend remedy: String) -> Finding {
        Finding(isWrong: true, problems: problems, remedy: remedy)
    }

    static func wrong(_ problem: String, mend remedy: String) -> Finding {
        wrong([problem], mend: remedy)
    }

    static func note(_ problem: String, mend remedy: String? = nil) -> Finding {
        Finding(isWrong: false, problems: [problem], remedy: remedy)
    }

    /// The lines that tell of it.
    func text(of part: String) -> String {
        let word = isWrong ? "wrong" : "note "
        let lines = problems.map { "\(word) \(part): \($0)" } + (remedy.map { ["      to mend it: \($0)"] } ?? [])
        return lines.joined(separator: "\n")
    }
}

/// A part of the database that is looked at by itself.
protocol DatabaseCheck: Sendable {
    /// The word that its lines begin with.
    static var part: String { get }

    /// What there is to say; empty where all is well.
    static func findings(_ maintenance: Maintenance, _ database: DatabaseSettings) throws(DatabaseError) -> [Finding]
}
