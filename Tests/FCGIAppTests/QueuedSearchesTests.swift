// Searches that wait for a permit: in a queue of their own, without a worker.

import Runtime
import Testing

@testable import FCGIApp

@Suite final class QueuedSearchesTests {
    private let start = Instant.now
    private var table = QueuedSearchesTests.table()

    /// Eight workers, of which two search at the most.
    private static func table(workers: Int = 8, waiting: Int = 4) -> SharedTable {
        SharedTable(
            ConnectionTable.Limits(
                workers: workers,
                connections: 100,
                queueLength: 20,
                writes: WriteTurns.Limits(workers: workers, waiting: 10, parkedOfConversation: 5),
                searches: SearchPermits.Limits(workers: workers, waiting: waiting),
                heldBytes: 100_000,
                queueAge: .seconds(1),
                receiveTimeout: .seconds(5),
                idleTimeout: .seconds(60)
            )
        )
    }

    @Test(arguments: [(1, 1), (2, 1), (3, 1), (4, 1), (7, 1), (8, 2), (64, 16)])
    func aQuarterOfTheWorkersSearchAndAtLeastOne(workers: Int, searches: Int) {
        #expect(SearchPermits.Limits(workers: workers, waiting: 1).searches == searches)
    }

    @Test func searchesHoldAQuarterOfTheWorkersAndOthersGetTheRest() {
        let searches = (0..<5).map { comes(30 + Int32($0), searches: true) }
        let reads = (0..<6).map { comes(50 + Int32($0), at: 0.01) }
        let taken = (0..<8).map { _ in table.takeRequest(at: at(0.02))?.id }
        #expect(taken == searches[..<2] + reads)
        #expect(table.searchesCount == 2)
        #expect(table.count(.queuedSearch) == 3)
        #expect(finish(reads[0]).released == 0)
        #expect(table.takeRequest(at: at(0.2)) == nil)
        // With the end of a search the next one begins.
        #expect(finish(searches[0]).released == 1)
        #expect(table.takeRequest(at: at(0.2))?.id == searches[2])
    }

    @Test func requestsAreTakenInTheOrderInWhichTheyCame() {
        let kinds: [(writes: Bool, searches: Bool)] = [(false, true), (true, false), (false, false), (false, true)]
        let ids = kinds.enumerated().map { number, kind in
            comes(30 + Int32(number), writes: kind.writes, searches: kind.searches, at: Double(number) / 100)
        }
        for id in ids { #expect(table.takeRequest(at: at(0.1))?.id == id) }
    }

    @Test func searchesAndWritesLeaveAWorkerToOthers() {
        let writes = (0..<6).map { comes(10 + Int32($0), writes: true) }
        let searches = (0..<2).map { comes(30 + Int32($0), searches: true, at: 0.01) }
        for id in writes + [searches[0]] { #expect(table.takeRequest(at: at(0.02))?.id == id) }
        #expect(table.takeRequest(at: at(0.02)) == nil)
        let read = comes(50, at: 0.03)
        #expect(table.takeRequest(at: at(0.03))?.id == read)
        // The end of a write leaves a worker to the second search.
        #expect(finish(writes[0]).released == 1)
        #expect(table.takeRequest(at: at(0.05))?.id == searches[1])
    }

    @Test(arguments: [1, 2, 4]) func oneSearchRunsWhateverWrites(workers: Int) {
        table = Self.table(workers: workers)
        for number in 0..<max(0, workers - 1) { _ = comes(10 + Int32(number), writes: true) }
        for _ in 0..<max(0, workers - 1) { #expect(table.takeRequest(at: start) != nil) }
        let search = comes(30, searches: true)
        #expect(table.takeRequest(at: start)?.id == search)
    }

    @Test func aSearchThatHasWaitedTooLongIsRefused() {
        let ids = (0..<3).map { comes(30 + Int32($0), searches: true) }
        for _ in 0..<2 { _ = table.takeRequest(at: start) }
        #expect(table.nextDeadline == at(1))
        #expect(table.expire(at: at(1)) == .init(refused: 1))
        #expect(table.takeRefused(at: at(1)) == .init(id: ids[2], waited: .seconds(1), overload: .searchesAge))
    }

    @Test func searchesThatWaitHavePlacesOfTheirOwn() {
        // Two for which there are workers, and four.
        for number in 0..<6 { #expect(state(30 + Int32(number), searches: true) == .queuedSearch) }
        #expect(state(40, searches: true) == .refused)
        #expect(table.takeRefused(at: start)?.overload == .searchesFull)
        #expect(state(41) == .queued)
        #expect(state(42, writes: true) == .queuedWrite)
    }

    @Test func aSearchThatWasNotKnownForOneWaitsLikeTheOthers() {
        let known = (0..<2).map { comes(30 + Int32($0), searches: true) }
        for _ in known { _ = table.takeRequest(at: start) }
        let id = comes(40)
        #expect(table.takeRequest(at: at(0.1))?.id == id)
        #expect(!table.takeTurnToSearch(id))
        #expect(table.parkSearch(id) == .parked(until: at(1)))
        #expect(table.takeRequest(at: at(0.2)) == nil)
        #expect(finish(known[0]).released == 1)
        #expect(table.takeRequest(at: at(0.3)) == .init(id: id, waited: .seconds(0.3), overload: nil))
        #expect(table.takeTurnToSearch(id))
        #expect(table.searchesCount == 2)
    }

    @Test func aSearchThatWasNotKnownForOneFindsNoPlaceWhereTooManyWait() {
        for number in 0..<6 { _ = comes(30 + Int32(number), searches: true) }
        let id = comes(40)
        for _ in 0..<3 { _ = table.takeRequest(at: start) }
        #expect(!table.takeTurnToSearch(id))
        #expect(table.parkSearch(id) == .refused)
        #expect(table.takeRefused(at: start)?.overload == .searchesFull)
    }

    @Test func aSearchWhosePeerHasGoneIsForgotten() {
        let ids = (0..<3).map { comes(30 + Int32($0), searches: true) }
        for _ in 0..<2 { _ = table.takeRequest(at: start) }
        #expect(table.ended(ids[2]) == .init(closesNow: true, released: 0))
        #expect(finish(ids[0]).released == 0)
        let unknown = comes(40)
        _ = table.takeRequest(at: start)
        _ = table.ended(unknown)
        #expect(table.parkSearch(unknown) == .close)
    }

    @Test(arguments: 0..<100) func whateverHappensPermitsAreNeitherLostNorDoubled(seed: UInt64) {
        var random = SplitMix(state: seed)
        var served: [ConnectionTable.ID] = []
        var searching: Set<ConnectionTable.ID> = []
        var searches: Set<ConnectionTable.ID> = []
        var writes: Set<ConnectionTable.ID> = []
        var waiting: [ConnectionTable.ID] = []
        var now = 0.0
        for descriptor in (Int32(3)...).prefix(600) {
            now += Double.random(in: 0..<0.1, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0, 1:
                let id = table.accepted(descriptor, at: at(now))
                let kind = Int.random(in: 0..<3, using: &random)
                // Of the searches some are not known as they come.
                let isKnown = Bool.random(using: &random)
                if kind == 1 { searches.insert(id) }
                if kind == 2 { writes.insert(id) }
                let state = table.receivedRequest(id, writes: kind == 2, searches: kind == 1 && isKnown, at: at(now))
                if state != .refused { waiting.append(id) }
            case 2, 3:
                guard served.count < 8, let taken = table.takeRequest(at: at(now)) else { break }
                waiting.removeAll { $0 == taken.id }
                if taken.overload == nil, searches.contains(taken.id) {
                    if table.takeTurnToSearch(taken.id) {
                        searching.insert(taken.id)
                    } else {
                        if table.parkSearch(taken.id) != .refused { waiting.append(taken.id) }
                        break
                    }
                }
                served.append(taken.id)
            case 4:
                guard let index = served.indices.randomElement(using: &random) else { break }
                let id = served.remove(at: index)
                searching.remove(id)
                _ = finish(id, at: now)
            default:
                if let id = waiting.randomElement(using: &random) {
                    _ = table.ended(id)
                    waiting.removeAll { $0 == id }
                }
                _ = table.expire(at: at(now))
            }
            while let refused = table.takeRefused(at: at(now)) {
                waiting.removeAll { $0 == refused.id }
                _ = finish(refused.id, at: now)
            }
            #expect(searching.count <= table.searchesCount && table.searchesCount <= 2)
            #expect(table.count(.serving) == served.count)
        }
        for id in served { _ = finish(id, at: now) }
        _ = table.expire(at: at(now + 100))
        while let refused = table.takeRefused(at: at(now + 100)) { _ = finish(refused.id, at: now + 100) }
        #expect(table.searchesCount == 0 && table.writersCount == 0 && table.count(.queuedSearch) == 0)
    }

    // MARK: Parts

    private func at(_ seconds: Double) -> Instant { start + .seconds(seconds) }

    private func state(_ descriptor: Int32, writes: Bool = false, searches: Bool = false) -> ConnectionTable.State? {
        table.receivedRequest(table.accepted(descriptor, at: start), writes: writes, searches: searches, at: start)
    }

    /// A request that waits for a worker.
    private func comes(
        _ descriptor: Int32,
        writes: Bool = false,
        searches: Bool = false,
        at seconds: Double = 0
    ) -> ConnectionTable.ID {
        let id = table.accepted(descriptor, at: start)
        _ = table.receivedRequest(id, writes: writes, searches: searches, at: at(seconds))
        return id
    }

    private func finish(_ id: ConnectionTable.ID, at seconds: Double = 0.1) -> ConnectionTable.Completion {
        table.finished(id, staysOpen: true, hasInput: false, at: at(seconds))
    }
}
