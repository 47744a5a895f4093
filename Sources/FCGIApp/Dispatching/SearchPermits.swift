// The bound on requests that look through many rows.

/// Counts the permits of searches. Each takes a worker, and the database, for as long as hundreds of other requests; so
/// they have a quarter of the workers at the most. Without a permit a search waits in a queue of its own, and holds no
/// worker.
///
/// Invariant: `inProgress` is at most `limits.searches`.
struct SearchPermits {
    /// Bounds on searches, and on searches that wait.
    struct Limits: Hashable, Sendable {
        /// The most searches at once.
        var searches: Int
        /// The most searches that wait.
        var waiting: Int
        fileprivate var workers: Int

        /// Derives the searches from the number of workers: a quarter of them, and at least one.
        init(workers: Int, waiting: Int) {
            searches = max(1, workers / 4)
            self.waiting = waiting
            self.workers = workers
        }
    }

    let limits: Limits
    /// How many permits are taken.
    private(set) var inProgress = 0

    init(_ limits: Limits) {
        self.limits = limits
    }

    /// How many permits can be taken. All but the first leave a worker that neither writes nor searches.
    ///
    /// - Parameter writers: how many requests write.
    func left(beside writers: Int) -> Int {
        let free = limits.workers - 1 - writers - inProgress
        return min(limits.searches - inProgress, max(free, inProgress == 0 ? 1 : 0))
    }

    /// Takes a permit; false where there is none.
    mutating func take(beside writers: Int) -> Bool {
        guard left(beside: writers) > 0 else { return false }
        inProgress += 1
        return true
    }

    mutating func giveBack() {
        inProgress -= 1
    }
}
