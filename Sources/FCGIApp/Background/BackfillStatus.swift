// The counts of the back-fill's runs.

import Runtime

/// Counts what the back-fill has done. Any thread may read it.
final class BackfillStatus: Sendable {
    /// Counts since the start of the process.
    struct Counts: Sendable {
        /// When the last good run ended, in seconds since 1970; 0: there was none.
        fileprivate(set) var lastSuccess: Int64 = 0
        /// How many orders there are whose conversation could not be opened.
        fileprivate(set) var ordersFailed: Int64 = 0
        /// How many conversations were opened.
        fileprivate(set) var opened: Int64 = 0
        fileprivate(set) var runs: [BackfillResult.Kind: Int] = [:]
    }

    private let counts = Lock(Counts())

    var current: Counts { counts.withLock { $0 } }

    /// Counts a run.
    ///
    /// - Parameters:
    ///   - ordersFailed: how many orders the runs up to this one have left without a conversation.
    ///   - time: seconds since 1970.
    func record(_ result: BackfillResult, ordersFailed: Int64, at time: Int64) {
        counts.withLock { counts in
            counts.runs[result.kind, default: 0] += 1
            counts.opened += result.opened
            counts.ordersFailed = ordersFailed
            if result.kind == .done { counts.lastSuccess = time }
        }
    }
}
