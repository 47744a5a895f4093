// The counts of requests.

import Glibc
import Handlers
import MySQLStore
import Runtime

/// Counts requests, their durations and what they asked of the database, since the start of the process.
final class Metrics: Sendable {
    /// The counts of one endpoint.
    struct Endpoint: Sendable {
        /// The endpoint's route; nil: the counts are of requests that were for none.
        let route: Route?
        /// How many answers had which status. A list is the fastest to search: there are few, and nearly all are the
        /// first.
        private(set) var statuses: [(status: Int, count: Int)] = [(200, 0)]
        private(set) var durations = Histogram()
        /// When a request was last answered with 200, in seconds since 1970; 0: none was.
        private(set) var lastSuccess: Int64 = 0

        var name: String { route?.name ?? "other" }

        init(_ route: Route?) {
            self.route = route
        }

        fileprivate mutating func add(_ record: RequestRecord, at time: Int64) {
            durations.add(record.total)
            if record.status == 200 { lastSuccess = time }
            guard let place = statuses.firstIndex(where: { $0.status == record.status }) else {
                return statuses.append((record.status, 1))
            }
            statuses[place].count += 1
        }
    }

    struct Counts: Sendable {
        /// The counts of each route, and those of requests that were for none. All are there from the start: a rate
        /// misses the first count of a metric that appears with it.
        fileprivate(set) var endpoints = (Route.allCases + [nil]).map(Endpoint.init)
        fileprivate(set) var queued = Histogram()
        fileprivate(set) var refused: [ConnectionTable.Overload: Int] = [:]
        /// Requests that libfcgi would not read, so that they could not be answered.
        fileprivate(set) var unreadable = 0
        fileprivate(set) var database = StoreStatistics()
        /// Requests whose token was good by the previous secret alone.
        fileprivate(set) var ofPreviousSecret = 0
    }

    private let counts = Lock(Counts())

    /// Counts an answered request.
    ///
    /// - Parameter time: seconds since 1970.
    func record(_ record: RequestRecord, at time: Int64 = Timestamp.now.second) {
        counts.withLock { counts in
            if let place = counts.endpoints.firstIndex(where: { $0.route == record.route }) {
                counts.endpoints[place].add(record, at: time)
            }
            counts.queued.add(record.queued)
            if let overload = record.overload { counts.refused[overload, default: 0] += 1 }
            counts.database += record.database
            if record.facts.usesPreviousSecret { counts.ofPreviousSecret += 1 }
        }
    }

    func add(_ database: StoreStatistics) {
        counts.withLock { $0.database += database }
    }

    func countUnreadable() {
        counts.withLock { $0.unreadable += 1 }
    }

    var current: Counts { counts.withLock { $0 } }
}
