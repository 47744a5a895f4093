// What is kept of a request once it is answered.

import Handlers
import Logging
import MySQLStore
import Runtime

/// A request that was answered. Holds neither token nor content.
struct RequestRecord: Sendable {
    /// nginx's, which the client sees as X-Request-Id.
    var requestID: String?
    /// Whose token it had; nil without a good one.
    var userID: Int64?
    /// nil: the path is no route.
    var route: Route?
    var status: Int
    /// From when it was there until a worker had it.
    var queued: Interval
    /// From when it was there until its answer was sent.
    var total: Interval
    var database: StoreStatistics
    /// Why it was not served; nil: it was.
    var refusal: ConnectionTable.Refusal?
    /// What went wrong on our side.
    var failure: Failure?

    /// The name of what was asked for. A path that is no route may be anything: it is in no log.
    var endpoint: String { route?.name ?? "other" }
}

/// Takes the records of all requests: for the metrics, the access log and the log.
final class RequestLog: Sendable {
    private let metrics: Metrics
    private let access: AccessLog?
    private let slow: Interval
    private let logger: Logger

    init(metrics: Metrics, access: AccessLog?, slow: Interval, logger: Logger) {
        self.metrics = metrics
        self.access = access
        self.slow = slow
        self.logger = logger
    }

    func record(_ record: RequestRecord) {
        metrics.record(record)
        access?.append(record)
        if let failure = record.failure {
            let cause = "\(failure.cause) in \(record.endpoint)"
            logger.error("\(failure.description)", cause: cause, metadata: metadata(of: record))
        }
        if record.total > slow {
            logger.warning("slow request", cause: "slow \(record.endpoint)", metadata: metadata(of: record))
        }
    }

    /// Adds to the metrics what was asked of the database for a request that is answered later.
    func add(_ database: StoreStatistics) {
        if database.statements > 0 { metrics.add(database) }
    }

    /// Adds a request to the metrics of which nothing is known, since libfcgi would not read it.
    func countUnreadable() {
        metrics.countUnreadable()
    }

    private func metadata(of record: RequestRecord) -> Logger.Metadata {
        [
            "request": "\(record.requestID ?? "-")", "endpoint": "\(record.endpoint)", "status": "\(record.status)",
            "total_us": "\(record.total.microseconds)", "queue_us": "\(record.queued.microseconds)",
            "database_us": "\(record.database.time.microseconds)", "statements": "\(record.database.statements)",
        ]
    }
}

/// What is logged, and where to.
struct LogSettings: Sendable {
    var level: Logger.Level
    /// Requests that take longer are logged as warnings.
    var slow: Interval
    var access: AccessLogTarget
}
