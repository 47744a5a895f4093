// What the dispatcher decides: a table of connections, time by time.

import Runtime
import Testing

@testable import FCGIApp

@Suite struct ConnectionTableTests {
    private let start = Instant.now
    private let table = Self.table(connections: 3, queueLength: 1)

    /// For one worker.
    private static func table(connections: Int, queueLength: Int) -> SharedTable {
        SharedTable(
            ConnectionTable.Limits(
                workers: 1,
                connections: connections,
                queueLength: queueLength,
                writes: WriteTurns.Limits(workers: 1, waiting: 2, parkedOfConversation: 1),
                heldBytes: 100_000,
                queueAge: .seconds(1),
                receiveTimeout: .seconds(5),
                idleTimeout: .seconds(60)
            )
        )
    }

    // MARK: A request's way

    @Test func aConnectionGoesFromIdleToServingAndBack() {
        let id = accept(7)
        #expect(table.count(.idle) == 1)
        #expect(table.beginReading(id))
        #expect(table.receivedRequest(id, at: at(1)) == .queued)
        #expect(table.count(.queued) == 1)
        let assignment = table.takeRequest(at: at(1.5))
        #expect(assignment == .init(id: id, waited: .seconds(0.5), overload: nil))
        #expect(table.count(.serving) == 1)
        #expect(finish(id, at: 2) == .keepIdle)
        #expect(table.count(.idle) == 1)
        #expect(table.count == 1)
    }

    @Test func requestsAreTakenInTheOrderInWhichTheyCame() {
        let ids = [7, 9].map { accept($0) }
        for id in ids.reversed() { _ = table.receivedRequest(id, at: start) }
        #expect(table.takeRequest(at: start)?.id == ids[1])
        #expect(table.takeRequest(at: start)?.id == ids[0])
        #expect(table.takeRequest(at: start) == nil)
    }

    @Test func aPartOfARequestIsWaitedFor() {
        let id = accept(7)
        table.receivedPart(id, at: at(1))
        table.receivedPart(id, at: at(4))
        #expect(table.count(.receiving) == 1)
        #expect(table.beginReading(id))
        // From its first part on.
        #expect(table.nextDeadline == at(6))
        #expect(table.receivedRequest(id, at: at(5)) == .queued)
        #expect(table.nextDeadline == at(6))
    }

    @Test func nothingIsReceivedWhileARequestIsQueuedOrServed() {
        let id = accept(7)
        _ = table.receivedRequest(id, at: start)
        #expect(!table.beginReading(id))
        _ = table.takeRequest(at: start)
        #expect(!table.beginReading(id))
        // But it is not forgotten.
        #expect(finish(id, at: 1) == .receive)
        #expect(table.beginReading(id))
        _ = table.receivedRequest(id, at: start)
        _ = table.takeRequest(at: start)
        #expect(finish(id, at: 1) == .keepIdle)
    }

    @Test func inputThatCameWithARequestIsLookedAtBehindTheAnswer() {
        let id = serving(7)
        #expect(table.finished(id, staysOpen: true, hasInput: true, at: start).disposition == .receive)
    }

    @Test func aConnectionThatIsNotKeptIsClosedBehindTheAnswer() {
        let id = serving(7)
        #expect(table.finished(id, staysOpen: false, hasInput: false, at: start).disposition == .close)
        #expect(table.count == 0)
    }

    // MARK: Peers that go

    @Test func anIdlePeerThatGoesIsLetGo() {
        let id = accept(7)
        #expect(table.ended(id).closesNow)
        #expect(table.count == 0)
        #expect(!table.ended(id).closesNow)
    }

    @Test func aQueuedRequestWhosePeerHasGoneIsNotServed() {
        let id = accept(7)
        _ = table.receivedRequest(id, at: start)
        #expect(table.ended(id).closesNow)
        #expect(table.takeRequest(at: start) == nil)
    }

    @Test func aPeerThatGoesWhileItIsServedIsLetGoBehindTheAnswer() {
        let id = serving(7)
        #expect(!table.ended(id).closesNow)
        #expect(table.count(.serving) == 1)
        #expect(finish(id, at: 1) == .close)
    }

    @Test func newsOfAnEarlierConnectionWithTheSameDescriptorAreNoNews() {
        let earlier = accept(7)
        _ = table.ended(earlier)
        let later = accept(7)
        #expect(later != earlier)
        #expect(!table.ended(earlier).closesNow)
        #expect(!table.beginReading(earlier))
        table.receivedPart(earlier, at: start)
        #expect(table.count(.idle) == 1)
        #expect(table.beginReading(later))
    }

    // MARK: Limits

    @Test func aRequestThatFindsTheQueueFullIsRefused() {
        // One for the worker who is free, one in the queue's only place.
        let ids = [7, 8, 9].map { accept($0) }
        #expect(ids.map { table.receivedRequest($0, at: start) } == [.queued, .queued, .refused])
        #expect(table.takeRefused(at: start) == .init(id: ids[2], waited: .zero, overload: .queueFull))
        #expect(table.takeRefused(at: start) == nil)
        _ = finish(ids[2], at: 0)
        // With room in the queue it is served again.
        _ = table.takeRequest(at: start)
        _ = finish(ids[0], at: 0)
        #expect(table.receivedRequest(ids[2], at: start) == .queued)
        _ = table.takeRequest(at: start)
        #expect(table.takeRequest(at: start) == .init(id: ids[2], waited: .zero, overload: nil))
    }

    @Test func aLargeRequestThatFindsNoRoomForItsBytesIsRefused() {
        let wide = Self.table(connections: 9, queueLength: 9)
        let ids = [7, 8, 9].map { wide.accepted($0, at: start) }
        #expect(wide.receivedRequest(ids[0], bytes: 60_000, at: start) == .queued)
        #expect(wide.receivedRequest(ids[1], bytes: 60_000, at: start) == .refused)
        #expect(wide.receivedRequest(ids[2], bytes: 1_000, at: start) == .queued)
        _ = wide.takeRequest(at: start)
        _ = wide.takeRefused(at: start)
        for id in ids[..<2] { _ = wide.finished(id, staysOpen: true, hasInput: false, at: start) }
        #expect(wide.receivedRequest(ids[1], bytes: 60_000, at: start) == .queued)
        #expect(wide.ended(ids[1]).closesNow)
        #expect(wide.receivedRequest(ids[0], bytes: 60_000, at: start) == .queued)
    }

    @Test func aRequestOfAConnectionThatWasLetGoMeanwhileIsNoRequest() {
        let id = accept(7)
        stop(drainingUntil: at(20))
        #expect(table.stop(drainingUntil: at(20), at: start) == [id])
        #expect(table.receivedRequest(id, at: at(1)) == nil)
        #expect(table.phase == .stopped)
        #expect(table.takeRequest(at: at(1)) == nil)
    }

    @Test func whoIsAcceptedAsTheProcessStopsHasAsLongAsARequestMayTake() {
        _ = table.stop(drainingUntil: start, at: start)
        #expect(table.stop(drainingUntil: start, at: start) == [])
        let id = accept(7)
        table.listenerClosed()
        #expect(table.nextDeadline == at(5))
        #expect(table.expire(at: at(5)).closed == [id])
        #expect(table.phase == .stopped)
    }

    @Test func aBusyWorkerTakesNothingFromTheQueue() {
        _ = serving(7)
        let ids = [8, 9].map { accept($0) }
        #expect(ids.map { table.receivedRequest($0, at: start) } == [.queued, .refused])
    }

    @Test func aRequestThatWaitsTooLongIsRefused() {
        let ids = [7, 8].map { accept($0) }
        _ = table.receivedRequest(ids[0], at: start)
        _ = table.receivedRequest(ids[1], at: at(0.5))
        #expect(table.nextDeadline == at(1))
        #expect(table.expire(at: at(0.9)) == .init())
        #expect(table.expire(at: at(1.2)) == .init(closed: [], refused: 1))
        #expect(table.takeRefused(at: at(1.25)) == .init(id: ids[0], waited: .seconds(1.25), overload: .queueAge))
        #expect(table.takeRequest(at: at(1.25)) == .init(id: ids[1], waited: .seconds(0.75), overload: nil))
    }

    @Test func aWorkerThatIsFirstToSeeThatARequestIsTooOldRefusesIt() {
        let id = accept(7)
        _ = table.receivedRequest(id, at: start)
        #expect(table.takeRequest(at: at(1)) == .init(id: id, waited: .seconds(1), overload: .queueAge))
    }

    @Test func thereIsRoomForSoManyConnections() {
        let ids = [7, 8].map { accept($0) }
        #expect(table.room > 0)
        _ = accept(9)
        #expect(table.room == 0)
        _ = table.ended(ids[0])
        #expect(table.room > 0)
    }

    @Test func anIdleConnectionIsClosedInTime() {
        let ids = [7, 8].map { accept($0) }
        _ = table.receivedRequest(ids[0], at: at(30))
        _ = table.takeRequest(at: at(30))
        _ = finish(ids[0], at: 31)
        #expect(table.nextDeadline == at(60))
        #expect(table.expire(at: at(59)).closed == [])
        #expect(table.expire(at: at(60)).closed == [ids[1]])
        #expect(table.expire(at: at(91)).closed == [ids[0]])
        #expect(table.nextDeadline == nil)
    }

    @Test func aRequestThatDoesNotComeToItsEndIsGivenUp() {
        let id = accept(7)
        table.receivedPart(id, at: at(1))
        #expect(table.expire(at: at(5.9)).closed == [])
        #expect(table.expire(at: at(6)).closed == [id])
        #expect(table.count == 0)
    }

    @Test func aRequestThatIsServedHasNoLimitHere() {
        _ = serving(7)
        #expect(table.nextDeadline == nil)
        #expect(table.expire(at: at(1_000)) == .init())
    }

    // MARK: Stopping

    @Test func whileItDrainsKeptConnectionsAreServed() {
        let id = accept(7)
        stop(drainingUntil: at(20))
        #expect(table.room == 0)
        #expect(table.phase == .draining(until: at(20)))
        _ = table.receivedRequest(id, at: at(1))
        _ = table.takeRequest(at: at(1))
        #expect(finish(id, at: 2) == .keepIdle)
        #expect(table.ended(id).closesNow)
        #expect(table.phase == .stopped)
    }

    @Test func atTheDeadlineOfDrainingIdleConnectionsAreClosed() {
        let ids = [7, 8].map { accept($0) }
        _ = table.receivedRequest(ids[1], at: at(19))
        _ = table.takeRequest(at: at(19))
        stop(drainingUntil: at(20))
        #expect(table.nextDeadline == at(20))
        #expect(table.expire(at: at(20)).drained == [ids[0]])
        #expect(table.phase == .closing)
        #expect(finish(ids[1], at: 21) == .close)
        #expect(table.phase == .stopped)
    }

    @Test func aSecondStopClosesWhatIsIdleAndFinishesWhatHasBegun() {
        let ids = [7, 8, 9].map { accept($0) }
        table.receivedPart(ids[1], at: start)
        _ = table.receivedRequest(ids[2], at: start)
        stop(drainingUntil: at(20))
        #expect(table.stop(drainingUntil: at(20), at: start) == [ids[0]])
        #expect(table.takeRequest(at: start)?.id == ids[2])
        #expect(finish(ids[2], at: 1) == .close)
        #expect(table.expire(at: at(5)).closed == [ids[1]])
        #expect(table.phase == .stopped)
    }

    @Test func anEmptyTableStopsOnceItDrains() {
        #expect(table.phase == .running)
        stop(drainingUntil: at(20))
        #expect(table.phase == .stopped)
    }

    // MARK: Any order of events

    @Test(arguments: 0..<50) func whateverHappensTheCountsAddUp(seed: UInt64) {
        var random = SplitMix(state: seed)
        var open: [ConnectionTable.ID] = []
        var served: [ConnectionTable.ID] = []
        var now = 0.0
        for _ in 0..<400 {
            now += Double.random(in: 0..<1, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where table.room > 0:
                let descriptor = (3...6).first { number in !(open + served).contains { $0.descriptor == number } }
                if let descriptor {
                    open.append(table.accepted(descriptor, at: at(now)))
                }
            case 1: if let id = open.randomElement(using: &random) { table.receivedPart(id, at: at(now)) }
            case 2, 3:
                if let id = open.randomElement(using: &random), table.beginReading(id) {
                    _ = table.receivedRequest(id, at: at(now))
                }
            case 4:
                if let id = open.randomElement(using: &random), table.ended(id).closesNow {
                    open.removeAll { $0 == id }
                }
            case 5:
                if let taken = table.takeRequest(at: at(now)) ?? table.takeRefused(at: at(now)) {
                    served.append(taken.id)
                    open.removeAll { $0 == taken.id }
                }
            case 6:
                if let id = served.popLast(), finish(id, at: now) != .close { open.append(id) }
            default:
                let closed = table.expire(at: at(now)).closed
                open.removeAll(where: closed.contains)
            }
            #expect(table.count(.serving) == served.count)
            #expect(table.count == open.count + served.count)
        }
    }

    // MARK: Parts

    private func at(_ seconds: Double) -> Instant { start + .seconds(seconds) }

    private func stop(drainingUntil deadline: Instant) {
        _ = table.stop(drainingUntil: deadline, at: start)
        table.listenerClosed()
    }

    private func accept(_ descriptor: Int32) -> ConnectionTable.ID { table.accepted(descriptor, at: start) }

    private func serving(_ descriptor: Int32) -> ConnectionTable.ID {
        let id = accept(descriptor)
        _ = table.receivedRequest(id, at: start)
        _ = table.takeRequest(at: start)
        return id
    }

    private func finish(_ id: ConnectionTable.ID, at seconds: Double) -> ConnectionTable.Disposition {
        table.finished(id, staysOpen: true, hasInput: false, at: at(seconds)).disposition
    }
}
