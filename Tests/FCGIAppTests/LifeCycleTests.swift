import Runtime
import Testing

@testable import FCGIApp

@Suite struct LifeCycleTests {
    private let start = Instant.now

    @Test func itRunsOnceItHasStarted() {
        var cycle = LifeCycle()
        #expect(cycle.phase == .starting)
        #expect(!cycle.isStopping)
        cycle.start()
        #expect(cycle.phase == .running)
        #expect(cycle.keepsConnections)
    }

    @Test func theFirstStopDrainsAndTheSecondCloses() {
        var cycle = running()
        cycle.stop(drainingUntil: start + .seconds(20))
        #expect(cycle.phase == .draining(until: start + .seconds(20)))
        #expect(cycle.isStopping && cycle.keepsConnections)
        cycle.stop(drainingUntil: start + .seconds(90))
        #expect(cycle.phase == .closing)
        #expect(cycle.isStopping && !cycle.keepsConnections)
    }

    @Test func aDrainWhoseTimeIsOverCloses() {
        var cycle = running()
        cycle.stop(drainingUntil: start + .seconds(20))
        #expect(cycle.deadline == start + .seconds(20))
        cycle.advance(to: start + .seconds(19))
        #expect(cycle.phase == .draining(until: start + .seconds(20)))
        cycle.advance(to: start + .seconds(20))
        #expect(cycle.phase == .closing)
        #expect(cycle.deadline == nil)
    }

    @Test func aStopThatComesBeforeTheStartIsObeyed() {
        var cycle = LifeCycle()
        cycle.stop(drainingUntil: start)
        cycle.start()
        #expect(cycle.phase == .draining(until: start))
    }

    @Test func itStopsWhenTheListenerIsClosedAndTheLastConnectionIsGone() {
        var cycle = running()
        cycle.stop(drainingUntil: start + .seconds(20))
        cycle.connectionsChanged(to: 0)
        #expect(cycle.phase != .stopped, "the listener may hold a connection")
        cycle.listenerClosed(connections: 1)
        #expect(cycle.phase != .stopped)
        cycle.connectionsChanged(to: 0)
        #expect(cycle.phase == .stopped)
    }

    @Test func withoutAStopTheLastConnectionMayGo() {
        var cycle = running()
        cycle.connectionsChanged(to: 0)
        cycle.advance(to: start + .seconds(1_000))
        #expect(cycle.phase == .running)
    }

    @Test func whatHasStoppedStaysSo() {
        var cycle = running()
        cycle.stop(drainingUntil: start)
        cycle.listenerClosed(connections: 0)
        cycle.start()
        cycle.stop(drainingUntil: start + .seconds(20))
        cycle.advance(to: start + .seconds(20))
        cycle.connectionsChanged(to: 1)
        #expect(cycle.phase == .stopped)
        #expect(cycle.isStopping && !cycle.keepsConnections)
    }

    private func running() -> LifeCycle {
        var cycle = LifeCycle()
        cycle.start()
        return cycle
    }
}
