// What came of one run of the back-fill.

import MySQLStore

struct BackfillResult: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// It looked at the orders, and opened what could be opened.
        case done
        /// It ended with an error of the database.
        case failed
        /// It did nothing, since another session is at it.
        case busy
    }

    var kind: Kind
    /// Conversations that it opened.
    var opened: Int64
    /// Orders whose conversation it could not open.
    var ordersFailed: Int64 = 0
    /// Why not, where something went wrong.
    var reason = ""
}

extension BackfillResult {
    /// - Parameters:
    ///   - report: what the routine answered last.
    ///   - opened: the sum of all its answers.
    init(_ report: BackfillReport, opened: Int64) {
        if let connection = report.busy {
            self.init(kind: .busy, opened: opened, reason: "connection \(connection) of the database holds its lock")
        } else {
            self.init(
                kind: .done,
                opened: opened,
                ordersFailed: report.failed,
                reason: report.lastError ?? ""
            )
        }
    }
}
