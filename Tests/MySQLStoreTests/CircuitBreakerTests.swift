// The breaker is closed, open, or admits one attempt at a time in between.

import Runtime
import Testing

@testable import MySQLStore

@Suite struct CircuitBreakerTests {
    private let start = Instant.now

    private func at(_ seconds: Double) -> Instant { start + .seconds(seconds) }

    private func opened() -> CircuitBreaker {
        var breaker = CircuitBreaker(pause: .seconds(1), longestTrial: .seconds(3))
        breaker.failed(at: start)
        return breaker
    }

    @Test func closedItLetsEverythingThrough() {
        var breaker = CircuitBreaker(pause: .seconds(1), longestTrial: .seconds(3))
        expect(breaker.isClosed)
        expect(breaker.admits(at: start))
        expect(breaker.admits(at: start))
    }

    @Test func openItLetsNothingThroughForAWhileAndThenOne() {
        var breaker = opened()
        expect(!breaker.admits(at: at(0.9)))
        expect(breaker.admits(at: at(1)))
        expect(!breaker.admits(at: at(1.1)))
        expect(!breaker.isClosed)
    }

    @Test func theOneDecidesForAll() {
        var closed = opened()
        _ = closed.admits(at: at(1))
        closed.succeeded()
        expect(closed.isClosed)
        var open = opened()
        _ = open.admits(at: at(1))
        open.failed(at: at(1.5))
        expect(!open.admits(at: at(2.4)))
        expect(open.admits(at: at(2.5)))
    }

    @Test func anAttemptThatNeverEndsIsFollowedByAnother() {
        var breaker = opened()
        expect(breaker.admits(at: at(1)))
        expect(!breaker.admits(at: at(3.9)))
        expect(breaker.admits(at: at(4)))
    }
}
