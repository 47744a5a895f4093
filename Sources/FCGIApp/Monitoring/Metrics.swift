// What is counted of all requests.

import Glibc
import Handlers
import MySQLStore
import Synchronization

/// Counts since the start of the process.
final class Metrics: Sendable {
    /// What is counted of the requests of one endpoint.
    struct Endpoint: Sendable {
        var byStatus: [Int: Int] = [:]
        var durations = Histogram()
    }

    struct Counts: Sendable {
        /// By the endpoint's name.
        var endpoints: [String: Endpoint] = [:]
        var queued = Histogram()
        /// By `ConnectionTable.Refusal`.
        var refused: [ConnectionTable.Refusal: Int] = [:]
        var database = StoreStatistics()
    }

    private let counts: Mutex<Counts>

    init() {
        var counts = Counts()
        // All are there from the start: a rate of what appears out of nothing misses its first.
        for name in Route.allCases.map(\.name) + ["other"] { counts.endpoints[name] = Endpoint() }
        for refusal in ConnectionTable.Refusal.allCases { counts.refused[refusal] = 0 }
        self.counts = Mutex(counts)
    }

    func record(_ record: RequestRecord) {
        counts.withLock { counts in
            counts.endpoints[record.endpoint, default: Endpoint()].byStatus[record.status, default: 0] += 1
            counts.endpoints[record.endpoint]?.durations.add(record.total)
            counts.queued.add(record.queued)
            if let refusal = record.refusal { counts.refused[refusal, default: 0] += 1 }
            counts.database = counts.database + record.database
        }
    }

    var current: Counts { counts.withLock { $0 } }
}
