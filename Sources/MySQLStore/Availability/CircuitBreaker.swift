// Refusing at once what would only be waited for in vain.

internal import Runtime

/// A circuit breaker: closed, it lets everything through; opened by a failure, nothing for a while; then one
/// attempt, whose end closes it or opens it again. A value without a clock.
struct CircuitBreaker: Hashable {
    private enum State: Hashable {
        case closed
        /// Nothing is let through until then.
        case open(Instant)
        /// One attempt is under way; another one is let through should that not end in time.
        case trying(Instant)
    }

    private var state = State.closed
    private let pause: Interval
    private let longestTrial: Interval

    /// - Parameters:
    ///   - pause: how long nothing is let through after a failure.
    ///   - longestTrial: how long the one attempt may take.
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
