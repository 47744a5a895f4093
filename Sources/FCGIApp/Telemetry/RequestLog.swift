// Where the records of requests go.

import Logging
import MySQLStore
import Runtime

/// Puts the record of each request into the metrics and the access log, and into the service's log where it failed or
/// was slow.
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

    /// Adds to the metrics what a parked request has asked of the database: its record comes when it is answered.
    func add(_ database: StoreStatistics) {
        if database.statements > 0 { metrics.add(database) }
    }

    /// Counts a request that libfcgi would not read, of which nothing else is known.
    func countUnreadable() {
        metrics.countUnreadable()
    }

    private func metadata(of record: RequestRecord) -> Logger.Metadata {
        [
            "request": "\(record.requestID ?? "-")", "endpoint": "\(record.endpoint)", "status": "\(record.status)",
            "conversation": "\(record.facts.conversation.map(String.init) ?? "-")",
            "total_us": "\(record.total.microseconds)", "queue_us": "\(record.queued.microseconds)",
            "database_us": "\(record.database.time.microseconds)", "statements": "\(record.database.statements)",
        ]
    }
}
