// The settings that say how many connections of nginx are kept, and for how long.

import Runtime

struct ConnectionVariables: SettingGroup {
    var title: String { "Connections of nginx" }

    let limit = Setting<Int>.integer(
        "ORBIA_CONNECTIONS",
        default: 12_288,
        in: 1...65_535,
        """
        Connections that are open at once. Beyond it none is accepted, and the backlog holds them. nginx keeps idle \
        connections, up to hosts x worker processes x the upstream's `keepalive`; each takes a descriptor and up to \
        5 KB.
        """
    )
    let receiveTimeout = Setting<Interval>.time(
        "ORBIA_READ_TIMEOUT",
        default: .seconds(5),
        in: .milliseconds(10)...(.seconds(600)),
        """
        How long the rest of a request may take to arrive once it has begun; then its connection is closed. nginx \
        sends a request in one piece, and no worker waits for it.
        """
    )
    let sendTimeout = Setting<Interval>.time(
        "ORBIA_WRITE_TIMEOUT",
        default: .seconds(5),
        in: .milliseconds(10)...(.seconds(600)),
        """
        How long nginx may take to receive an answer; then its connection is closed. A worker waits for it, so a \
        shorter time is better where nginx runs on the same host and buffers answers.
        """
    )
    let idleTimeout = Setting<Interval>.time(
        "ORBIA_IDLE_TIMEOUT",
        default: .seconds(60),
        in: .milliseconds(10)...(.seconds(86_400)),
        """
        How long a connection may be without a request; then it is closed. It must be longer than keepalive_timeout \
        of nginx's upstream: a request that meets a closing connection is a 502.
        """
    )
    let drainTimeout = Setting<Interval>.time(
        "ORBIA_DRAIN_TIMEOUT",
        default: .seconds(20),
        in: .zero...(.seconds(600)),
        """
        How long a process that was told to stop serves nginx's kept connections; then it closes those that are idle. \
        It must be longer than keepalive_time and keepalive_timeout of nginx's upstream together: a request that meets \
        a closing connection is a 502.
        """
    )
}
