// The counts of the order's progress.

import MySQLStore
import Runtime

/// Counts the changes of orders that were told. Any thread may read it.
final class OrderProgressStatus: Sendable {
    /// Counts since the start of the process.
    struct Counts: Sendable {
        /// Whether changes are recorded, as the last look has found; nil before the first.
        fileprivate(set) var isOn: Bool?
        /// The number of changes that became messages.
        fileprivate(set) var told: Int64 = 0
        /// The number of changes that were dropped.
        fileprivate(set) var dropped: Int64 = 0
        /// The number of orders whose changes an error has kept, in the last round.
        fileprivate(set) var ordersFailed: Int64 = 0
        /// The age of the oldest change that was left.
        fileprivate(set) var oldestAge = Interval.zero
        /// The number of looks that have failed.
        fileprivate(set) var failures = 0
        /// The number of orders that have failed in the round that is not over.
        fileprivate var failedInRound: Int64 = 0
    }

    private let counts = Lock(Counts())

    var current: Counts { counts.withLock { $0 } }

    /// Counts a look at the orders from some place on; its round is over where no place to go on from is left.
    func record(_ report: OrderProgressReport) {
        counts.withLock { counts in
            counts.isOn = report.isOn
            counts.told += report.told
            counts.dropped += report.dropped
            counts.oldestAge = report.oldestAge ?? .zero
            counts.failedInRound += report.failed
            guard report.next == nil else { return }
            counts.ordersFailed = counts.failedInRound
            counts.failedInRound = 0
        }
    }

    /// Counts what was told of an order that was waited for.
    func recordWait(_ report: OrderProgressReport) {
        counts.withLock { counts in
            counts.told += report.told
            counts.dropped += report.dropped
            counts.oldestAge = report.oldestAge ?? .zero
        }
    }

    func recordFailure() {
        counts.withLock { $0.failures += 1 }
    }
}
