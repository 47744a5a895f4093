// Which of the orders that a lock has kept are waited for.

import Runtime
import Testing

@testable import FCGIApp

@Suite struct LockedOrdersTests {
    private let start = Instant.now
    private var orders = LockedOrders()

    private func at(_ seconds: Double) -> Instant { start + .seconds(seconds) }

    @Test func eachIsWaitedForAtFirst() {
        #expect(orders.worthWaiting([3, 1, 2], at: at(0)) == [3, 1, 2])
        #expect(orders.worthWaiting([], at: at(0)).isEmpty)
    }

    @Test mutating func afterAWaitInVainAnOrderIsLeftAloneForASecondAndTheOthersAreNot() {
        orders.waitedInVain(for: 1, at: at(0))
        #expect(orders.worthWaiting([1, 2], at: at(0.999)) == [2])
        #expect(orders.worthWaiting([1, 2], at: at(1)) == [1, 2])
    }

    @Test mutating func eachFurtherWaitInVainDoublesThePauseUpTo16Seconds() {
        var now = 0.0
        for pause in [1.0, 2, 4, 8, 16, 16] {
            orders.waitedInVain(for: 1, at: at(now))
            #expect(orders.worthWaiting([1], at: at(now + pause - 0.001)).isEmpty)
            #expect(orders.worthWaiting([1], at: at(now + pause)) == [1])
            now += pause
        }
    }

    @Test mutating func anOrderThatWasToldBeginsAnew() {
        orders.waitedInVain(for: 1, at: at(0))
        orders.waitedInVain(for: 1, at: at(1))
        orders.told(1)
        #expect(orders.worthWaiting([1], at: at(1)) == [1])
        orders.waitedInVain(for: 1, at: at(2))
        #expect(orders.worthWaiting([1], at: at(3)) == [1])
    }

    /// One that was told without a wait, or by another instance, is not reported.
    @Test mutating func anOrderThatIsNotHeardOfAnyMoreIsForgotten() {
        orders.waitedInVain(for: 1, at: at(0))
        orders.waitedInVain(for: 1, at: at(1))
        orders.waitedInVain(for: 2, at: at(100))
        orders.waitedInVain(for: 1, at: at(200))
        #expect(orders.worthWaiting([1], at: at(201)) == [1])
    }
}
