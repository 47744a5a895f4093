// The page /metrics.

import Handlers
import MySQLStore
import Runtime

enum MetricsPage {
    /// The page's text.
    static func text(of status: StatusSource) -> String {
        var page = PrometheusText()
        addRequests(of: status.metrics.current, to: &page)
        addDispatcher(status.dispatcher.statistics, of: status, to: &page)
        addLimits(of: status, to: &page)
        addTokens(of: status, to: &page)
        addHosts(status.hosts.statuses, to: &page)
        addCertificates(of: status, to: &page)
        addBackfill(status.backfill.current, to: &page)
        addOrderProgress(status.orderProgress.current, to: &page)
        addClock(status.clockWatch, to: &page)
        addPolls(status.dispatcher.statistics, status.watch.current, to: &page)
        addProcess(of: status, to: &page)
        return page.text
    }

    private static func addRequests(of counts: Metrics.Counts, to page: inout PrometheusText) {
        page.family(
            "orbia_requests_total",
            "Requests that were answered.",
            "counter",
            counts.endpoints.flatMap { endpoint in
                endpoint.statuses.map { status, count in
                    (["endpoint": endpoint.name, "status": String(status)], Double(count))
                }
            }
        )
        page.histograms(
            "orbia_request_duration_seconds",
            "From when a request was there until its answer was sent.",
            counts.endpoints.map { (["endpoint": $0.name], $0.durations) }
        )
        page.histograms(
            "orbia_queue_seconds",
            "From when a request was there until a worker had it.",
            [([:], counts.queued)]
        )
        page.family(
            "orbia_refused_total",
            "Requests that got no worker, and were answered 503.",
            "counter",
            ConnectionTable.Overload.allCases.map { (["reason": $0.rawValue], Double(counts.refused[$0] ?? 0)) }
        )
        page.family(
            "orbia_last_success_timestamp_seconds",
            "When a request was last answered with 200, since 1970; 0 before the first.",
            "gauge",
            counts.endpoints.map { (["endpoint": $0.name], Double($0.lastSuccess)) }
        )
        page.counter(
            "orbia_requests_unreadable_total",
            "Requests that libfcgi would not read; their connections were closed.",
            Double(counts.unreadable)
        )
        let database = counts.database
        page.counter("orbia_database_statements_total", "Statements for requests.", Double(database.statements))
        page.counter(
            "orbia_database_connects_total",
            "Connections that requests had to make, after the workers' first.",
            Double(database.connects)
        )
        page.counter("orbia_database_seconds_total", "Time waited for the database.", database.time.seconds)
    }

    private static func addDispatcher(
        _ dispatcher: DispatcherStatistics,
        of status: StatusSource,
        to page: inout PrometheusText
    ) {
        let waiting = dispatcher.queueLength + dispatcher.count(.refused)
        page.gauge("orbia_queue_length", "Requests that wait for a worker.", Double(dispatcher.queueLength))
        page.gauge("orbia_workers", "Worker threads.", Double(status.limits.workers))
        page.gauge(
            "orbia_workers_busy",
            "Worker threads with a request.",
            Double(min(dispatcher.count(.serving), status.limits.workers))
        )
        page.gauge("orbia_writes", "Requests that write, or have their turn to.", Double(dispatcher.writers))
        page.gauge(
            "orbia_writes_waiting",
            "Writes that wait for a worker that serves writes, or for their turn in their conversation.",
            Double(dispatcher.writesWaiting)
        )
        page.gauge("orbia_held_bytes", "Bytes of requests that wait or are served.", Double(dispatcher.heldBytes))
        page.gauge("orbia_searches", "Requests that search.", Double(dispatcher.searches))
        page.gauge(
            "orbia_searches_waiting",
            "Searches that wait for others to end.",
            Double(dispatcher.count(.queuedSearch))
        )
        page.family(
            "orbia_connections",
            "FastCGI connections.",
            "gauge",
            [
                (["state": "idle"], Double(dispatcher.count(.idle))),
                (["state": "receiving"], Double(dispatcher.count(.receiving))),
                (["state": "waiting"], Double(waiting)),
                (["state": "parked"], Double(dispatcher.count(.parked) + dispatcher.count(.queuedSearch))),
                (["state": "polling"], Double(dispatcher.count(.waiting))),
                (["state": "serving"], Double(dispatcher.count(.serving))),
            ]
        )
        page.counter("orbia_connections_accepted_total", "Connections accepted.", Double(dispatcher.accepted))
        page.family(
            "orbia_connections_closed_total",
            "Connections closed.",
            "counter",
            DispatcherStatistics.CloseReason.allCases.map {
                (["reason": "\($0)"], Double(dispatcher.closed[$0.rawValue]))
            }
        )
    }

    private static func addHosts(_ hosts: [DatabaseHosts.Status], to page: inout PrometheusText) {
        page.family(
            "orbia_database_host_up",
            "1 while the host can do all that requests ask of it.",
            "gauge",
            hosts.map { (["host": "\($0.address)"], $0.isKnown && $0.fault == nil ? 1 : 0) }
        )
        page.family(
            "orbia_database_host_in_use",
            "1 for the host that requests go to.",
            "gauge",
            hosts.map { (["host": "\($0.address)"], $0.isInUse ? 1 : 0) }
        )
        page.family(
            "orbia_database_host_faults_total",
            "How often the host has become faulty.",
            "counter",
            hosts.map { (["host": "\($0.address)"], Double($0.faultCount)) }
        )
    }

    private static func addBackfill(_ backfill: BackfillStatus.Counts, to page: inout PrometheusText) {
        page.gauge(
            "orbia_backfill_last_success_timestamp_seconds",
            "End of the last back-fill that ran through, since 1970; 0 before the first.",
            Double(backfill.lastSuccess)
        )
        page.gauge(
            "orbia_backfill_orders_failed",
            "Orders whose conversation the back-fill could not open.",
            Double(backfill.ordersFailed)
        )
        page.counter("orbia_backfill_opened_total", "Conversations that it opened.", Double(backfill.opened))
        page.family(
            "orbia_backfill_runs_total",
            "Back-fills, one a minute.",
            "counter",
            BackfillResult.Kind.allCases.map { (["result": $0.rawValue], Double(backfill.runs[$0] ?? 0)) }
        )
    }

    private static func addOrderProgress(_ progress: OrderProgressStatus.Counts, to page: inout PrometheusText) {
        page.family(
            "orbia_order_progress_on",
            "1 while changes of orders are told in their conversations.",
            "gauge",
            // No sample before the first look: 0 would be a claim.
            progress.isOn.map { [(PrometheusText.Labels(), $0 ? 1 : 0)] } ?? []
        )
        page.family(
            "orbia_order_progress_changes_total",
            "Changes of orders that this process has told, or has dropped without a message.",
            "counter",
            [(["result": "told"], Double(progress.told)), (["result": "dropped"], Double(progress.dropped))]
        )
        page.gauge(
            "orbia_order_progress_orders_failed",
            "Orders whose changes could not be told, for another reason than a lock.",
            Double(progress.ordersFailed)
        )
        page.gauge(
            "orbia_order_progress_oldest_seconds",
            "Age of the oldest change that is not told yet; 0 where there is none.",
            progress.oldestAge.seconds
        )
        page.counter("orbia_order_progress_failures_total", "Looks for changes that failed.", Double(progress.failures))
    }

    private static func addPolls(
        _ dispatcher: DispatcherStatistics,
        _ watch: WatchStatus.Counts,
        to page: inout PrometheusText
    ) {
        page.gauge("orbia_polls_waiting", "Polls that wait for news.", Double(dispatcher.count(.waiting)))
        let polls = dispatcher.polls
        page.family(
            "orbia_polls_ended_total",
            "Polls that waited, or were refused to, by what ended that.",
            "counter",
            [
                (["reason": "change"], Double(polls.changed)),
                (["reason": "gap"], Double(polls.gap)),
                (["reason": "time"], Double(polls.ended)),
                (["reason": "drain"], Double(polls.drained)),
                (["reason": "superseded"], Double(polls.superseded)),
                (["reason": "refused"], Double(polls.refused)),
            ]
        )
        page.counter("orbia_watch_statements_total", "Statements that looked for changes.", Double(watch.statements))
        page.counter("orbia_watch_failures_total", "Looks for changes that failed.", Double(watch.failures))
        page.histograms(
            "orbia_watch_lag_seconds",
            "From a change to the wake of the polls that waited for it, by the database's clock.",
            [([:], watch.lag)]
        )
    }

    private static func addClock(_ clockWatch: ClockWatch, to page: inout PrometheusText) {
        page.family(
            "orbia_conversations_ahead",
            "Conversations whose newest message is more than a minute ahead of the database's clock.",
            "gauge",
            // No sample before the first look: 0 would be a claim.
            clockWatch.conversationsAhead.map { [(PrometheusText.Labels(), Double($0))] } ?? []
        )
    }

    private static func addProcess(of status: StatusSource, to page: inout PrometheusText) {
        let usage = ProcessUsage.current
        page.family(
            "orbia_build_info",
            "1, with the version of the build, and the commit that it was made from.",
            "gauge",
            [(["version": BuildVersion.number, "commit": BuildVersion.commit], 1)]
        )
        page.gauge("orbia_draining", "1 while the process stops.", status.dispatcher.isStopping ? 1 : 0)
        page.gauge("orbia_ready", "1 while /readyz says so.", status.readiness.isReady ? 1 : 0)
        addLogs(status.logs, to: &page)
        page.gauge("process_resident_memory_bytes", "Resident memory.", Double(usage.residentBytes))
        page.family(
            "process_resident_memory_bytes_limit",
            "The most memory of the process's control group: the unit's MemoryMax.",
            "gauge",
            // No sample where there is no limit.
            MemoryLimit.current.map { [(PrometheusText.Labels(), Double($0))] } ?? []
        )
        page.counter("process_cpu_seconds_total", "Processor time.", usage.cpuSeconds)
        page.gauge("process_open_fds", "Open descriptors.", Double(usage.openDescriptors))
        page.gauge("process_max_fds", "Descriptors that may be open.", Double(usage.descriptorLimit))
        page.gauge("process_start_time_seconds", "Start of the process, since 1970.", Double(status.startTime))
    }

    private static func addLogs(_ logs: Logs, to page: inout PrometheusText) {
        let statistics = logs.statistics
        page.family(
            "orbia_log_lines_dropped_total",
            "Lines that a log had no room for, since nobody took them in time.",
            "counter",
            statistics.map { (["log": $0.name], Double($0.statistics.dropped)) }
        )
        page.family(
            "orbia_log_write_errors_total",
            "Attempts to write to a log, or to open it, that failed.",
            "counter",
            statistics.map { (["log": $0.name], Double($0.statistics.errors)) }
        )
    }
}
