// Writes that wait for their turn: parked without a worker, resumed in the order of their arrival.

import Runtime
import Testing

@testable import FCGIApp

@Suite final class ParkedWritesTests {
    private let start = Instant.now
    private var table = ParkedWritesTests.table()

    /// Eight workers, two of which serve reads alone.
    private static func table(waiting: Int = 10, parkedOfConversation: Int = 5) -> SharedTable {
        SharedTable(
            ConnectionTable.Limits(
                workers: 8,
                connections: 100,
                queueLength: 20,
                writes: WriteTurns.Limits(
                    workers: 8,
                    waiting: waiting,
                    parkedOfConversation: parkedOfConversation
                ),
                heldBytes: 100_000,
                queueAge: .seconds(1),
                receiveTimeout: .seconds(5),
                idleTimeout: .seconds(60)
            )
        )
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 2), (4, 3), (8, 6), (64, 48)])
    func someWorkersServeReadsAlone(workers: Int, writers: Int) {
        #expect(WriteTurns.Limits(workers: workers, waiting: 1, parkedOfConversation: 1).writers == writers)
    }

    @Test func aWriteOfAConversationWaitsForTheOneBeforeIt() {
        let writers = fill(conversation: 7)
        let id = serve(30)
        #expect(table.takeTurn(id, toWriteTo: 7) == false)
        #expect(table.park(id, toWriteTo: 7) == .parked(until: at(1)))
        #expect(table.count(.parked) == 1)
        #expect(table.takeRequest(at: at(0.1)) == nil)
        // Another conversation does not wait.
        let other = serve(31)
        #expect(table.takeTurn(other, toWriteTo: 8))
        #expect(finish(writers[0], at: 0.2).released == 1)
        #expect(table.takeRequest(at: at(0.3)) == .init(id: id, waited: .seconds(0.3), overload: nil, hasTurn: true))
        #expect(finish(id, at: 0.4).released == 0)
    }

    @Test func writesTogetherNeverHoldAllWorkers() {
        let ids = (30..<40).map { serve(Int32($0)) }
        let hasTurn = ids.enumerated().map { table.takeTurn($1, toWriteTo: Int64($0)) }
        #expect(hasTurn.filter { $0 }.count == 6)
        #expect(table.writersCount == 6)
        #expect(table.park(ids[6], toWriteTo: 6) == .parked(until: at(1)))
        #expect(finish(ids[0], at: 0.1).released == 1)
        #expect(table.takeRequest(at: at(0.1))?.id == ids[6])
    }

    @Test func parkedWritesAreResumedInTheOrderOfTheirArrival() {
        let writers = fill(conversation: 7)
        let ids = [30, 31, 32].map { serve($0, arrivedAt: Double($0) / 100) }
        // The workers give them back in another order.
        for id in [ids[2], ids[0], ids[1]] { _ = table.park(id, toWriteTo: 7) }
        var expected = ids
        var writer = writers[0]
        while !expected.isEmpty {
            #expect(finish(writer, at: 0.5).released == 1)
            writer = expected.removeFirst()
            #expect(table.takeRequest(at: at(0.5))?.id == writer)
        }
    }

    @Test func aTurnThatComesWhileAWorkerGivesItsRequestBackIsNotLost() {
        let writers = fill(conversation: 7)
        let id = serve(30)
        #expect(!table.takeTurn(id, toWriteTo: 7))
        _ = finish(writers[0], at: 0.1)
        #expect(table.park(id, toWriteTo: 7) == .resumed)
        #expect(table.takeRequest(at: at(0.2))?.hasTurn == true)
    }

    @Test func aParkedWriteWaitsNoLongerThanARequestMayWaitInTheQueue() {
        _ = fill(conversation: 7)
        let id = serve(30, arrivedAt: 0.2, takenAt: 0.9)
        #expect(table.park(id, toWriteTo: 7) == .parked(until: at(1.2)))
        #expect(table.nextDeadline == at(1.2))
        #expect(table.expire(at: at(1.19)) == .init())
        #expect(table.expire(at: at(1.2)) == .init(refused: 1))
        #expect(
            table.takeRefused(at: at(1.3)) == .init(id: id, waited: .seconds(1.3) - .seconds(0.2), overload: .writesAge)
        )
        #expect(table.parkedCount == 0)
    }

    @Test func aResumedWriteThatNoWorkerTakesInTimeGivesItsTurnToTheNext() {
        let writers = fill(conversation: 7)
        let ids = [30, 31].map { serve($0, arrivedAt: Double($0 - 30) / 2) }
        for id in ids { _ = table.park(id, toWriteTo: 7) }
        _ = finish(writers[0], at: 0.9)
        #expect(table.count(.resumed) == 1)
        #expect(table.expire(at: at(1)) == .init(refused: 1, released: 1))
        #expect(table.takeRequest(at: at(1.1))?.id == ids[1])
    }

    @Test func aWorkerThatIsFirstToSeeThatAResumedWriteIsTooOldRefusesIt() {
        let writers = fill(conversation: 7)
        let id = serve(30)
        _ = table.park(id, toWriteTo: 7)
        _ = finish(writers[0], at: 0.9)
        #expect(table.takeRequest(at: at(1))?.overload == .writesAge)
        _ = finish(id, at: 1)
        #expect(table.writersCount == writers.count - 1)
    }

    @Test func aConversationsPlacesAreBounded() {
        table = Self.table(waiting: 4, parkedOfConversation: 2)
        _ = fill(conversation: 7)
        _ = fill(conversation: 8, from: 20)
        let ids = (30..<36).map { serve(Int32($0)) }
        #expect(isParked(ids[0], 7) && isParked(ids[1], 7))
        #expect(table.park(ids[2], toWriteTo: 7) == .refused)
        #expect(table.takeRefused(at: at(0.1))?.overload == .writesFull)
        // There are places for others; then there are none in all.
        #expect(isParked(ids[3], 8) && isParked(ids[4], 8))
        #expect(table.park(ids[5], toWriteTo: 9) == .resumed)
    }

    @Test func allPlacesTogetherAreBounded() {
        table = Self.table(waiting: 3, parkedOfConversation: 2)
        for conversation in 0..<6 {
            #expect(table.takeTurn(serve(Int32(conversation) + 3), toWriteTo: Int64(conversation)))
        }
        let ids = (30..<34).map { serve(Int32($0)) }
        #expect(ids[..<3].enumerated().allSatisfy { isParked($1, Int64(10 + $0)) })
        #expect(table.park(ids[3], toWriteTo: 20) == .refused)
    }

    @Test func parkedWritesTakeNoPlaceInTheQueue() {
        table = Self.table(waiting: 50, parkedOfConversation: 50)
        _ = fill(conversation: 7)
        for descriptor in 30..<70 { #expect(isParked(serve(Int32(descriptor)), 7)) }
        for descriptor in 70..<90 {
            let id = table.accepted(Int32(descriptor), at: start)
            #expect(table.receivedRequest(id, bytes: 1, at: start) == .queued)
        }
    }

    @Test func aParkedWriteWhosePeerHasGoneIsForgotten() {
        let writers = fill(conversation: 7)
        let id = serve(30)
        _ = table.park(id, toWriteTo: 7)
        #expect(table.ended(id) == .init(closesNow: true, released: 0))
        #expect(table.parkedCount == 0)
        #expect(finish(writers[0], at: 0.1).released == 0)
    }

    @Test func aResumedWriteWhosePeerHasGoneGivesItsTurnToTheNext() {
        let writers = fill(conversation: 7)
        let ids = [30, 31].map { serve($0) }
        for id in ids { _ = table.park(id, toWriteTo: 7) }
        _ = finish(writers[0], at: 0.1)
        #expect(table.ended(ids[0]) == .init(closesNow: true, released: 1))
        #expect(table.takeRequest(at: at(0.2))?.id == ids[1])
    }

    @Test func aWriteWhosePeerGoesWhileItsWorkerHasItIsNotParked() {
        _ = fill(conversation: 7)
        let id = serve(30)
        _ = table.ended(id)
        #expect(table.park(id, toWriteTo: 7) == .close)
        #expect(table.parkedCount == 0)
    }

    @Test func parkedWritesAreAnsweredWhileTheProcessStops() {
        let writers = fill(conversation: 7)
        let id = serve(30)
        _ = table.park(id, toWriteTo: 7)
        _ = table.stop(drainingUntil: at(0.1), at: start)
        table.listenerClosed()
        _ = table.expire(at: at(0.1))
        #expect(table.phase == .closing)
        for writer in writers { _ = finish(writer, at: 0.2) }
        #expect(table.takeRequest(at: at(0.2))?.id == id)
        _ = finish(id, at: 0.3)
        #expect(table.phase == .stopped)
    }

    // MARK: Writes that are known as they come

    @Test func aWriteIsTakenWhereThereMayBeMoreWriters() {
        let writes = (0..<8).map { comes(30 + Int32($0), writes: true) }
        let read = comes(50, writes: false, at: 0.01)
        for write in writes[..<6] { #expect(table.takeRequest(at: start)?.id == write) }
        // The two workers that are left are for what came later, and does not write.
        #expect(table.takeRequest(at: start)?.id == read)
        #expect(table.takeRequest(at: start) == nil)
        #expect(table.count(.queuedWrite) == 2)
        #expect(finish(writes[0], at: 0.1).released == 1)
        #expect(table.takeRequest(at: at(0.1))?.id == writes[6])
    }

    @Test func writesAndReadsAreTakenInTheOrderInWhichTheyCame() {
        let ids = [true, false, true, false].enumerated().map { number, writes in
            comes(30 + Int32(number), writes: writes, at: Double(number) / 100)
        }
        for id in ids { #expect(table.takeRequest(at: at(0.1))?.id == id) }
    }

    @Test func writesThatWaitHavePlacesOfTheirOwn() {
        table = Self.table(waiting: 3)
        // Six for which there are workers, and three.
        for number in 0..<9 { #expect(state(30 + Int32(number), writes: true) == .queuedWrite) }
        #expect(state(40, writes: true) == .refused)
        #expect(table.takeRefused(at: start)?.overload == .writesFull)
        #expect(state(41, writes: false) == .queued)
    }

    @Test func aWriteThatHasWaitedTooLongIsRefused() {
        let ids = (0..<7).map { comes(30 + Int32($0), writes: true) }
        for _ in 0..<6 { _ = table.takeRequest(at: start) }
        #expect(table.nextDeadline == at(1))
        #expect(table.expire(at: at(1)) == .init(refused: 1))
        #expect(table.takeRefused(at: at(1)) == .init(id: ids[6], waited: .seconds(1), overload: .writesAge))
    }

    @Test func aPermitIsForOneRequestAndComesBackWithIt() {
        let id = comes(30, writes: true)
        _ = table.takeRequest(at: start)
        #expect(table.writersCount == 1)
        #expect(table.takeTurn(id, toWriteTo: 7))
        #expect(table.writersCount == 1)
        _ = finish(id, at: 1)
        #expect(table.writersCount == 0)
    }

    @Test func aWriteThatIsParkedLeavesItsPermitToOthers() {
        let writers = fill(conversation: 7)
        let ids = (0..<5).map { comes(30 + Int32($0), writes: true) }
        for _ in ids[..<4] { _ = table.takeRequest(at: start) }
        #expect(table.writersCount == 6)
        #expect(!table.takeTurn(ids[0], toWriteTo: 7))
        #expect(table.park(ids[0], toWriteTo: 7) == .parked(until: at(1)))
        #expect(table.writersCount == 5)
        #expect(table.takeRequest(at: start)?.id == ids[4])
        // With its turn it has a permit again, as soon as there is one.
        #expect(finish(writers[0], at: 0.1).released == 1)
        #expect(
            table.takeRequest(at: at(0.1)) == .init(id: ids[0], waited: .seconds(0.1), overload: nil, hasTurn: true)
        )
    }

    // MARK: Reports of one connection

    @Test func aConnectionThatIsReportedTwiceIsReadOnce() {
        let id = table.accepted(7, at: start)
        #expect(table.beginReading(id))
        #expect(!table.beginReading(id))
        table.receivedNothing(id)
        #expect(table.beginReading(id))
        table.receivedPart(id, at: start)
        #expect(table.beginReading(id))
    }

    @Test func aRequestsBytesAreHeldOnce() {
        let id = table.accepted(7, at: start)
        #expect(table.receivedRequest(id, bytes: 600, at: start) == .queued)
        #expect(table.receivedRequest(id, bytes: 600, at: start) == nil)
        #expect(table.heldBytes == 600)
        _ = table.takeRequest(at: start)
        #expect(table.receivedRequest(id, bytes: 600, at: start) == nil)
        _ = finish(id, at: 1)
        #expect(table.heldBytes == 0)
    }

    // MARK: Any order of events

    @Test(arguments: 0..<100) func whateverHappensTurnsAreNeitherLostNorDoubled(seed: UInt64) {
        var random = SplitMix(state: seed)
        table = Self.table(waiting: 6, parkedOfConversation: 3)
        var served: [(id: ConnectionTable.ID, conversation: Int64, writes: Bool)] = []
        var waiting: [ConnectionTable.ID: Int64] = [:]
        var now = 0.0
        for descriptor in (Int32(3)...).prefix(600) {
            now += Double.random(in: 0..<0.1, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let id = table.accepted(descriptor, at: at(now))
                let isKnown = Bool.random(using: &random)
                let state = table.receivedRequest(id, bytes: 10, writes: isKnown, at: at(now))
                if state == .queued || state == .queuedWrite {
                    waiting[id] = Int64.random(in: 1...4, using: &random)
                }
            case 2, 3:
                guard served.count < 8, let taken = table.takeRequest(at: at(now)),
                    let conversation = waiting.removeValue(forKey: taken.id)
                else { break }
                if taken.overload != nil || taken.hasTurn || table.takeTurn(taken.id, toWriteTo: conversation) {
                    served.append((taken.id, conversation, taken.overload == nil))
                } else if table.park(taken.id, toWriteTo: conversation) != .refused {
                    waiting[taken.id] = conversation
                }
            case 4:
                guard let index = served.indices.randomElement(using: &random) else { break }
                _ = finish(served.remove(at: index).id, at: now)
            default:
                if let id = waiting.keys.sorted(by: { $0.descriptor < $1.descriptor }).randomElement(using: &random) {
                    _ = table.ended(id)
                    waiting[id] = nil
                }
                _ = table.expire(at: at(now))
            }
            while let refused = table.takeRefused(at: at(now)) {
                waiting[refused.id] = nil
                _ = finish(refused.id, at: now)
            }
            let writing = served.filter(\.writes)
            #expect(table.writersCount <= 6)
            #expect(writing.count <= table.writersCount)
            #expect(table.count(.parked) == table.parkedCount)
            // Somebody writes whose end will resume what is parked.
            #expect(table.count(.parked) == 0 || table.writersCount > 0)
        }
        for each in served { _ = finish(each.id, at: now) }
        _ = table.expire(at: at(now + 100))
        while let refused = table.takeRefused(at: at(now + 100)) { _ = finish(refused.id, at: now + 100) }
        #expect(table.writersCount == 0 && table.parkedCount == 0 && table.heldBytes == 0)
    }

    // MARK: Parts

    private func at(_ seconds: Double) -> Instant { start + .seconds(seconds) }

    private func state(_ descriptor: Int32, writes: Bool, at seconds: Double = 0) -> ConnectionTable.State? {
        table.receivedRequest(table.accepted(descriptor, at: start), bytes: 1, writes: writes, at: at(seconds))
    }

    /// A request that is queued.
    private func comes(_ descriptor: Int32, writes: Bool, at seconds: Double = 0) -> ConnectionTable.ID {
        let id = table.accepted(descriptor, at: start)
        _ = table.receivedRequest(id, bytes: 1, writes: writes, at: at(seconds))
        return id
    }

    /// As many writers as may write to a conversation at once.
    private func fill(conversation: Int64, from descriptor: Int32 = 10) -> [ConnectionTable.ID] {
        var writers: [ConnectionTable.ID] = []
        while true {
            let id = serve(descriptor + Int32(writers.count))
            guard table.takeTurn(id, toWriteTo: conversation) else {
                _ = table.finished(id, staysOpen: false, hasInput: false, at: start)
                return writers
            }
            writers.append(id)
        }
    }

    /// A request that a worker has.
    private func serve(
        _ descriptor: Int32,
        arrivedAt arrival: Double = 0,
        takenAt taken: Double? = nil
    ) -> ConnectionTable.ID {
        let id = table.accepted(descriptor, at: start)
        _ = table.receivedRequest(id, bytes: 10, at: at(arrival))
        _ = table.takeRequest(at: at(taken ?? arrival))
        return id
    }

    private func isParked(_ id: ConnectionTable.ID, _ conversation: Int64) -> Bool {
        table.park(id, toWriteTo: conversation) == .parked(until: at(1))
    }

    private func finish(_ id: ConnectionTable.ID, at seconds: Double) -> ConnectionTable.Completion {
        table.finished(id, staysOpen: true, hasInput: false, at: at(seconds))
    }
}
