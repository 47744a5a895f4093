// Which orders the next back-fill looks at.

import MySQLStore
import Runtime

/// A value without clock or database: it is told the time and what came of each run.
///
/// A run looks at the orders that changed since the last good one. At the start, and then once an hour, it
/// looks at all; sooner where orders have failed, so that one that was mended is not reported for an hour.
struct BackfillSchedule: Sendable {
    enum Part: Hashable, Sendable {
        case all
        /// Orders that changed within so many seconds.
        case changed(seconds: Int64)

        /// As the routine takes it.
        var seconds: Int64? {
            switch self {
            case .all: nil
            case .changed(let seconds): seconds
            }
        }
    }

    /// Orders whose conversation could not be opened, as far as the last runs have seen.
    var ordersFailed: Int64 { max(failedOfAll, failedOfChanged) }
    /// Order and error of the last of them.
    private(set) var lastError = ""
    /// How many runs have come to nothing since the last good one.
    private(set) var runsInVain = 0

    private var failedOfAll: Int64 = 0
    private var failedOfChanged: Int64 = 0
    /// When the last run that looked at its orders began.
    private var lastLook: Instant?
    /// When all orders are looked at again.
    private var nextOfAll: Instant?

    private static let hour = Interval.seconds(3_600)
    /// Looked back further than need be: a transaction can be older than its commit.
    private static let margin = Interval.seconds(3_600)
    /// While orders fail, looking at all of them takes a hundredth of the time at the most.
    private static let rest: Int64 = 99

    func next(at now: Instant) -> Part {
        guard let lastLook, let nextOfAll, now < nextOfAll else { return .all }
        return .changed(seconds: Int64((now - lastLook + Self.margin).seconds))
    }

    mutating func ran(_ part: Part, begun: Instant, ended: Instant, _ result: BackfillResult) {
        guard result.kind == .done else {
            runsInVain += 1
            return
        }
        runsInVain = 0
        lastLook = begun
        if result.ordersFailed > 0 { lastError = result.reason }
        switch part {
        case .all:
            failedOfAll = result.ordersFailed
            failedOfChanged = 0
            nextOfAll = ended + (failedOfAll > 0 ? (ended - begun) * Self.rest : Self.hour)
        case .changed:
            failedOfChanged = result.ordersFailed
            // These leave the part before long.
            if failedOfChanged > 0, failedOfAll == 0 { nextOfAll = ended }
        }
    }
}
