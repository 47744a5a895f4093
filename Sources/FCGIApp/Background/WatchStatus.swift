// The counts of the watcher.

import Runtime

/// Counts the watcher's looks, and how late it has seen changes. Any thread may read it.
final class WatchStatus: Sendable {
    /// Counts since the start of the process.
    struct Counts: Sendable {
        /// The number of statements that were sent.
        fileprivate(set) var statements = 0
        /// The number of looks that have failed.
        fileprivate(set) var failures = 0
        /// The times from a change to the wake of those who waited for it, by the database's clock.
        fileprivate(set) var lag = Histogram()
    }

    private let counts = Lock(Counts())

    var current: Counts { counts.withLock { $0 } }

    /// - Parameters:
    ///   - ages: how old each change was when it was read.
    ///   - statements: the number of all statements so far.
    ///   - lookTook: from the statement to the wake.
    func record(_ ages: [Interval], statements: Int, lookTook: Interval) {
        counts.withLock { counts in
            counts.statements = statements
            for age in ages { counts.lag.add(age + lookTook) }
        }
    }

    func recordFailure(statements: Int) {
        counts.withLock { counts in
            counts.statements = statements
            counts.failures += 1
        }
    }
}
