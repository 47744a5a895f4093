// The result of one run of the back-fill.

import MySQLStore

struct BackfillResult: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// The run looked at the orders, and opened what could be opened.
        case done
        /// The run ended with an error of the database.
        case failed
        /// The run did nothing, since another session runs the back-fill.
        case busy
    }

    var kind: Kind
    /// How many conversations it opened.
    var opened: Int64
    /// How many orders there are whose conversation it could not open.
    var ordersFailed: Int64 = 0
    /// What went wrong; empty: nothing did.
    var reason = ""
}

extension BackfillResult {
    /// - Parameters:
    ///   - report: the routine's last answer.
    ///   - opened: how many conversations all calls of the run have opened.
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
