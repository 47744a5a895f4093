// The phases of a process, from its start to its end.

import Runtime

/// The life cycle of the dispatcher, and with it of the process, as a state machine without clock and I/O.
///
///     starting ──> running ──> draining ──> closing ──> stopped
///
/// A phase is never gone back to. From any phase before it, draining and closing are entered by `stop`; a drain turns
/// into closing when its time is over; and the process has stopped when the listener is closed and the last connection
/// is gone.
struct LifeCycle {
    enum Phase: Hashable {
        /// The socket listens, and nothing is accepted from it yet.
        case starting
        /// Connections are accepted, and requests are served.
        case running
        /// No new connection is wanted. Those that nginx keeps are served until it closes them, or until `until`.
        case draining(until: Instant)
        /// Requests that have come in are served; then their connections are closed, as idle ones are at once.
        case closing
        /// There is no connection any more. Workers get no further request.
        case stopped
    }

    private(set) var phase = Phase.starting
    /// The listener may still hold connections that were made before the stop.
    private var isListenerOpen = true

    /// Whether somebody has asked the process to stop.
    var isStopping: Bool {
        switch phase {
        case .starting, .running: false
        case .draining, .closing, .stopped: true
        }
    }

    /// Whether a connection stays open behind an answer.
    var keepsConnections: Bool {
        switch phase {
        case .starting, .running, .draining: true
        case .closing, .stopped: false
        }
    }

    /// When `advance` has something to do; nil: only an event changes the phase.
    var deadline: Instant? {
        if case .draining(let deadline) = phase { deadline } else { nil }
    }

    // MARK: Events

    /// The dispatcher's thread has begun to accept connections.
    mutating func start() {
        if phase == .starting { phase = .running }
    }

    /// Somebody asks the process to stop. The first time it drains until `deadline`; the second time it closes.
    mutating func stop(drainingUntil deadline: Instant) {
        switch phase {
        case .starting, .running: phase = .draining(until: deadline)
        case .draining: phase = .closing
        case .closing, .stopped: break
        }
    }

    /// Time has passed: a drain whose time is over turns into closing.
    mutating func advance(to now: Instant) {
        if let deadline, deadline <= now { phase = .closing }
    }

    /// The listener is closed; no connection comes from it any more.
    ///
    /// - Parameter connections: how many there are.
    mutating func listenerClosed(connections: Int) {
        isListenerOpen = false
        connectionsChanged(to: connections)
    }

    /// There are so many connections now.
    mutating func connectionsChanged(to count: Int) {
        if isStopping, !isListenerOpen, count == 0 { phase = .stopped }
    }
}
