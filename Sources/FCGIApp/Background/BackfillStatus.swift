// What the back-fill has done, for who asks at any time.

import Runtime

final class BackfillStatus: Sendable {
    /// Counts since the start of the process.
    struct Counts: Sendable {
        /// When a run last came to its end, in seconds since 1970; 0: none has.
        fileprivate(set) var lastSuccess: Int64 = 0
        /// Orders whose conversation could not be opened.
        fileprivate(set) var ordersFailed: Int64 = 0
        /// Conversations that were opened.
        fileprivate(set) var opened: Int64 = 0
        fileprivate(set) var runs: [BackfillResult.Kind: Int] = [:]
    }

    private let counts = Lock(Counts())

    var current: Counts { counts.withLock { $0 } }

    /// - Parameters:
    ///   - ordersFailed: how many the runs up to this one have left without a conversation.
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
