// The choice of the orders that the next back-fill looks at.

import MySQLStore
import Runtime

/// Decides by the time and by the results of the runs before, without clock or database.
///
/// A run looks at the orders that changed since the last good one. At the start, and then once an hour, it looks at all
/// of them; sooner where orders have failed, so that one that was mended is not reported for an hour.
struct BackfillSchedule: Sendable {
    enum Part: Hashable, Sendable {
        case all
        /// Orders that changed within the last `seconds`.
        case changed(seconds: Int64)

        /// The routine's argument: nil stands for all.
        var seconds: Int64? {
            switch self {
            case .all: nil
            case .changed(let seconds): seconds
            }
        }
    }

    /// How many orders there are whose conversation could not be opened, as far as the last runs have seen.
    var ordersFailed: Int64 { max(failedOfAll, failedOfChanged) }
    /// The order and the error of the last of them.
    private(set) var lastError = ""
    /// How many runs in a row have failed or were left to another session.
    private(set) var failedRuns = 0

    private var failedOfAll: Int64 = 0
    private var failedOfChanged: Int64 = 0
    /// When the last good run began.
    private var lastLook: Instant?
    /// When all orders are due to be looked at again.
    private var nextOfAll: Instant?

    private static let hour = Interval.seconds(3_600)
    /// How much further back a run looks than to the last one: an order's change time is that of its statement, and its
    /// transaction may have committed much later.
    private static let overlap = Interval.seconds(3_600)
    /// While orders fail, how many times as long as a look at all of them took the next one is put off: looking takes a
    /// hundredth of the time at the most.
    private static let pauseFactor: Int64 = 99

    func next(at now: Instant) -> Part {
        guard let lastLook, let nextOfAll, now < nextOfAll else { return .all }
        return .changed(seconds: Int64((now - lastLook + Self.overlap).seconds))
    }

    mutating func ran(_ part: Part, begun: Instant, ended: Instant, _ result: BackfillResult) {
        guard result.kind == .done else {
            failedRuns += 1
            return
        }
        failedRuns = 0
        lastLook = begun
        if result.ordersFailed > 0 { lastError = result.reason }
        switch part {
        case .all:
            failedOfAll = result.ordersFailed
            failedOfChanged = 0
            nextOfAll = ended + (failedOfAll > 0 ? (ended - begun) * Self.pauseFactor : Self.hour)
        case .changed:
            failedOfChanged = result.ordersFailed
            // They leave this part before long, when their change lies further back.
            if failedOfChanged > 0, failedOfAll == 0 { nextOfAll = ended }
        }
    }
}
