// What the status pages are made from.

import MySQLStore
import Runtime

/// The parts of the process that /readyz and /metrics report on.
struct StatusSource: Sendable {
    let dispatcher: Dispatcher
    let metrics: Metrics
    let probe: ReadinessProbe
    let hosts: DatabaseHosts
    let logs: Logs
    let backfill: BackfillStatus
    let orderProgress: OrderProgressStatus
    let clockWatch: ClockWatch
    let watch: WatchStatus
    let limits: ConnectionTable.Limits
    /// How long a request may take from when a worker has it.
    let deadline: Interval
    /// The number of secrets that tokens may be signed with.
    let secrets: Int
    /// The path of the certificate that the service shows to the database; nil where it shows none.
    let ownCertificate: String?
    /// When the process started, in seconds since 1970.
    let startTime: Int64

    var readiness: Readiness { dispatcher.isStopping ? Readiness(status: .draining) : probe.current }
}
