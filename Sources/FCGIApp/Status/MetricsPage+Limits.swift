// The bounds on what /metrics counts.

import Runtime

extension MetricsPage {
    /// Writes each bound under the name of what it bounds, with `_limit` behind it.
    static func addLimits(of status: StatusSource, to page: inout PrometheusText) {
        let limits = status.limits
        let bounds = [
            ("orbia_queue_length", "The most reads that wait for a worker: ORBIA_QUEUE_LENGTH.", limits.queueLength),
            ("orbia_writes", "The most requests that write: ORBIA_WORKERS less a quarter.", limits.writes.writers),
            ("orbia_writes_waiting", "The most writes that wait: ORBIA_WRITE_QUEUE_LENGTH.", limits.writes.waiting),
            ("orbia_searches", "The most requests that search: a quarter of ORBIA_WORKERS.", limits.searches.searches),
            ("orbia_searches_waiting", "The most searches that wait: ORBIA_QUEUE_LENGTH.", limits.searches.waiting),
            ("orbia_polls_waiting", "The most polls that wait for news: ORBIA_WAITERS.", limits.polls.polls),
            ("orbia_connections", "The most FastCGI connections: ORBIA_CONNECTIONS.", limits.connections),
            ("orbia_held_bytes", "The most bytes of requests that wait or are served.", limits.heldBytes),
        ]
        for (name, help, value) in bounds { page.gauge("\(name)_limit", help, Double(value)) }
        page.gauge(
            "orbia_queue_limit_seconds",
            "How long a request may wait for a worker: ORBIA_QUEUE_AGE.",
            limits.queueAge.seconds
        )
        page.gauge(
            "orbia_deadline_seconds",
            "How long a request may take from when a worker has it: ORBIA_DEADLINE.",
            status.deadline.seconds
        )
    }

    /// Writes what a change of the secret is followed by.
    static func addTokens(of status: StatusSource, to page: inout PrometheusText) {
        page.gauge("orbia_token_secrets", "Secrets that a token may be signed with.", Double(status.secrets))
        page.counter(
            "orbia_requests_by_previous_secret_total",
            "Requests whose token was good by JWT_SECRET_PREVIOUS alone.",
            Double(status.metrics.current.ofPreviousSecret)
        )
    }
}
