// The circuit breaker: it refuses attempts that would only wait and then fail.

internal import Runtime

/// While it is closed, it admits every attempt. A failure opens it: it then admits none for a while, and after that a
/// single one, which closes it or opens it again. It is a value without a clock.
struct CircuitBreaker: Hashable {
    private enum State: Hashable {
        case closed
        /// No attempt is admitted before this time.
        case open(Instant)
        /// One attempt is under way. Another one is admitted from this time on, should the first not end.
        case trying(Instant)
    }

    private var state = State.closed
    private let pause: Interval
    private let longestTrial: Interval

    /// - Parameters:
    ///   - pause: how long no attempt is admitted after a failure.
    ///   - longestTrial: how long the single attempt may take.
    init(pause: Interval, longestTrial: Interval) {
        self.pause = pause
        self.longestTrial = longestTrial
    }

    var isClosed: Bool { state == .closed }

    /// Whether an attempt may be made now.
    mutating func admits(at now: Instant) -> Bool {
        switch state {
        case .closed:
            return true
        case .open(let end), .trying(let end):
            guard now >= end else { return false }
            state = .trying(now + longestTrial)
            return true
        }
    }

    mutating func failed(at now: Instant) {
        state = .open(now + pause)
    }

    mutating func succeeded() {
        state = .closed
    }
}
