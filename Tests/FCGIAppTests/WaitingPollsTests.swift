// Polls that wait for news, as the table of connections has them.

import MySQLStore
import Runtime
import Testing

@testable import FCGIApp

@Suite struct WaitingPollsTests {
    private static let limits = ConnectionTable.Limits(
        workers: 2,
        connections: 100,
        queueLength: 100,
        writes: WriteTurns.Limits(workers: 2, waiting: 2, parkedOfConversation: 1),
        polls: WaitingPolls.Limits(polls: 4, pollsOfUser: 2),
        heldBytes: 100_000,
        queueAge: .seconds(1),
        receiveTimeout: .seconds(5),
        idleTimeout: .seconds(60)
    )
    private let start = Instant.now
    private let table = SharedTable(limits)

    // MARK: Waiting and waking

    @Test func aPollThatWaitsHoldsNoWorkerAndIsWokenByItsSubject() {
        let id = wait(7, for: .messages(conversation: 3))
        #expect(table.count(.waiting) == 1)
        #expect(table.count(.serving) == 0)
        #expect(table.report([.messages(conversation: 4), .conversations(user: 3)], at: at(1)) == 0)
        #expect(table.report([.messages(conversation: 3)], at: at(2)) == 1)
        let taken = table.takeRequest(at: at(2.5))
        #expect(taken?.id == id)
        #expect(taken?.waited == .seconds(0.5))
        #expect(taken?.waitedForNews == .seconds(2))
        #expect(taken?.polling == .mayWait(generation: 2))
    }

    @Test func allThatWaitForASubjectAreWoken() {
        for descriptor in 7..<10 as Range<Int32> {
            _ = wait(descriptor, for: .messages(conversation: 3), of: Int64(descriptor))
        }
        #expect(table.report([.messages(conversation: 3)], at: at(1)) == 3)
        #expect(table.count(.woken) == 3)
        #expect(table.report([.messages(conversation: 3)], at: at(1)) == 0)
    }

    @Test func aPollWhoseTimeIsOverIsTakenUpToBeToldSo() {
        let id = wait(7, for: .messages(conversation: 3), seconds: 20)
        #expect(table.expire(at: at(19.8)).released == 0)
        #expect(table.expire(at: at(20.2)).released == 1)
        let taken = table.takeRequest(at: at(20.2))
        #expect(taken?.id == id)
        #expect(taken?.polling == .isOver(.time))
    }

    @Test func theDeadlineOfTheTableIsThatOfTheFirstPoll() {
        _ = wait(7, for: .messages(conversation: 3), seconds: 20)
        _ = wait(8, for: .messages(conversation: 3), of: 2, seconds: 10)
        let deadline = table.nextDeadline ?? start
        #expect(deadline >= at(10) && deadline <= at(10.1))
    }

    @Test func aPollThatFindsNothingAgainWaitsOnUntilItsOwnEnd() {
        let id = wait(7, for: .messages(conversation: 3), seconds: 20)
        _ = table.report([.messages(conversation: 3)], at: at(5))
        let taken = table.takeRequest(at: at(5))
        guard case .mayWait(let generation) = taken?.polling else {
            Issue.record("it may not wait")
            return
        }
        // It asks for as long as in the beginning, which counts from there.
        let placement = table.wait(
            id,
            for: .messages(conversation: 3),
            of: 1,
            until: at(25),
            since: generation,
            at: at(5)
        )
        #expect(placement == .waiting(until: at(20), released: 0))
        #expect(table.expire(at: at(20.2)).released == 1)
        #expect(table.takeRequest(at: at(20.2))?.waitedForNews == .seconds(20.2))
    }

    @Test func behindItsAnswerTheConnectionKnowsNothingOfItsPoll() {
        let id = wait(7, for: .messages(conversation: 3))
        _ = table.report([.messages(conversation: 3)], at: at(1))
        _ = table.takeRequest(at: at(1))
        #expect(table.finished(id, staysOpen: true, hasInput: false, at: at(1)).disposition == .keepIdle)
        _ = table.receivedRequest(id, at: at(2))
        let next = table.takeRequest(at: at(2))
        #expect(next?.waitedForNews == .zero)
        #expect(next?.polling == .mayWait(generation: 1))
    }

    // MARK: Changes between the statement and the wait

    @Test func aReportDuringThePollsStatementSendsItBack() {
        let id = serve(7)
        _ = table.report([.messages(conversation: 99)], at: at(1))
        let placement = table.wait(id, for: .messages(conversation: 3), of: 1, until: at(20), since: 0, at: at(1))
        #expect(placement == .woken)
        #expect(table.takeRequest(at: at(1))?.polling == .mayWait(generation: 1))
    }

    @Test func aLookThatFoundNothingSendsNobodyBack() {
        let id = serve(7)
        _ = table.report([], at: at(1))
        let placement = table.wait(id, for: .messages(conversation: 3), of: 1, until: at(20), since: 0, at: at(1))
        #expect(placement == .waiting(until: at(20), released: 0))
    }

    @Test func aGapWakesAll() {
        _ = wait(7, for: .messages(conversation: 3))
        _ = wait(8, for: .conversations(user: 2), of: 2)
        #expect(table.reportGap(at: at(1)) == 2)
        #expect(table.takeRequest(at: at(1))?.polling == .mayWait(generation: 1))
    }

    // MARK: Limits

    @Test func theOldestPollOfAUserMakesRoomForTheNewest() {
        let ids = [7, 8].map { wait($0, for: .conversations(user: 1)) }
        let third = serve(9)
        let placement = table.wait(third, for: .conversations(user: 1), of: 1, until: at(20), since: 0, at: at(3))
        #expect(placement == .waiting(until: at(20), released: 1))
        let ended = table.takeRequest(at: at(3))
        #expect(ended?.id == ids[0])
        #expect(ended?.polling == .isOver(.limit))
    }

    /// A poll that was woken for nothing waits anew, which makes it no younger.
    @Test func aPollThatWaitsAgainKeepsItsAge() {
        let ids = [7, 8].map { wait($0, for: .conversations(user: 1), since: Double($0)) }
        _ = table.reportGap(at: at(10))
        for _ in ids { _ = table.takeRequest(at: at(10)) }
        for id in [ids[1], ids[0]] {
            _ = table.wait(id, for: .conversations(user: 1), of: 1, until: at(20), since: 1, at: at(10))
        }
        let third = serve(9)
        _ = table.wait(third, for: .conversations(user: 1), of: 1, until: at(20), since: 1, at: at(11))
        #expect(table.takeRequest(at: at(11))?.id == ids[0])
    }

    @Test func aPollThatComesBackWhereItsUserHasBegunOthersIsEnded() {
        let oldest = wait(7, for: .messages(conversation: 3))
        _ = table.report([.messages(conversation: 3)], at: at(1))
        _ = table.takeRequest(at: at(1))
        for descriptor in [8, 9] as [Int32] { _ = wait(descriptor, for: .conversations(user: 1), since: 2) }
        let placement = table.wait(oldest, for: .messages(conversation: 3), of: 1, until: at(20), since: 1, at: at(3))
        #expect(placement == .woken)
        #expect(table.takeRequest(at: at(3))?.polling == .isOver(.limit))
        #expect(table.count(.waiting) == 2)
    }

    @Test func whereAllPlacesAreTakenAPollIsToldAtOnce() {
        for descriptor in 7..<11 as Range<Int32> {
            _ = wait(descriptor, for: .messages(conversation: 3), of: Int64(descriptor))
        }
        let id = serve(11)
        let placement = table.wait(id, for: .messages(conversation: 3), of: 11, until: at(20), since: 0, at: start)
        #expect(placement == .woken)
        #expect(table.takeRequest(at: start)?.polling == .isOver(.limit))
    }

    @Test func whileNobodyLooksForChangesNoFurtherPollWaits() {
        let waiting = wait(7, for: .messages(conversation: 3))
        table.setWatched(false)
        let id = serve(8)
        #expect(table.wait(id, for: .messages(conversation: 3), of: 2, until: at(20), since: 0, at: start) == .woken)
        #expect(table.takeRequest(at: start)?.polling == .isOver(.limit))
        table.setWatched(true)
        #expect(table.reportGap(at: at(1)) == 1)
        #expect(table.takeRequest(at: at(1))?.id == waiting)
    }

    @Test func aLargeRequestDoesNotWait() {
        let id = table.accepted(7, at: start)
        _ = table.receivedRequest(id, bytes: ConnectionTable.largestPoll + 1, at: start)
        _ = table.takeRequest(at: start)
        let placement = table.wait(id, for: .messages(conversation: 3), of: 1, until: at(20), since: 0, at: start)
        #expect(placement == .woken)
        #expect(table.takeRequest(at: start)?.polling == .isOver(.limit))
    }

    // MARK: Ends

    @Test func aPeerThatHangsUpIsForgottenAtOnce() {
        let id = wait(7, for: .messages(conversation: 3))
        #expect(table.ended(id).closesNow)
        #expect(table.count == 0)
        #expect(table.report([.messages(conversation: 3)], at: at(1)) == 0)
        #expect(table.expire(at: at(30)) == .init())
    }

    @Test func aPeerThatHungUpDuringTheStatementIsClosed() {
        let id = serve(7)
        _ = table.ended(id)
        #expect(table.wait(id, for: .messages(conversation: 3), of: 1, until: at(20), since: 0, at: start) == .close)
        #expect(table.count == 0)
    }

    @Test func aDrainAnswersThoseWhoWaitSpreadOverItsFirstHalf() {
        for descriptor in 7..<11 as Range<Int32> {
            _ = wait(descriptor, for: .messages(conversation: 3), of: Int64(descriptor))
        }
        _ = table.stop(drainingUntil: at(20), at: start)
        var answered: [Int] = []
        for second in 0...10 {
            _ = table.expire(at: at(Double(second) + 0.2))
            answered.append(4 - table.count(.waiting))
        }
        #expect(answered == [0, 0, 0, 1, 1, 2, 2, 2, 3, 3, 4])
        #expect(table.takeRequest(at: at(11))?.polling == .isOver(.drain))
    }

    /// nginx sends one request at a time to an instance that was away, and the next ones when that is answered.
    @Test func noPollWaitsBeforeTheProcessHasAnsweredARequest() {
        let table = SharedTable(Self.limits, hasAnswered: false)
        for isFirst in [true, false] {
            let id = table.accepted(isFirst ? 7 : 8, at: start)
            _ = table.receivedRequest(id, at: start)
            _ = table.takeRequest(at: start)
            let placement = table.wait(id, for: .messages(conversation: 3), of: 1, until: at(20), since: 0, at: start)
            #expect(placement == (isFirst ? .woken : .waiting(until: at(20), released: 0)))
            guard isFirst else { return }
            #expect(table.takeRequest(at: start)?.polling == .isOver(.limit))
            _ = table.finished(id, staysOpen: true, hasInput: false, at: start)
        }
    }

    @Test(arguments: 1...2) func noPollBeginsToWaitInAProcessThatStops(stops: Int) {
        let id = serve(7)
        for _ in 0..<stops { _ = table.stop(drainingUntil: at(20), at: start) }
        #expect(table.wait(id, for: .messages(conversation: 3), of: 1, until: at(20), since: 0, at: start) == .woken)
        #expect(table.takeRequest(at: start)?.polling == .isOver(.drain))
    }

    /// Else whatever wakes all polls at once would send all clients to the other instances at once.
    @Test func aPollThatIsWokenWhileTheProcessDrainsKeepsItsEnd() {
        let id = wait(7, for: .messages(conversation: 3))
        _ = table.stop(drainingUntil: at(20), at: start)
        #expect(table.reportGap(at: at(1)) == 1)
        guard case .mayWait(let generation)? = table.takeRequest(at: at(1))?.polling else {
            Issue.record("it does not look for news")
            return
        }
        let placement = table.wait(
            id,
            for: .messages(conversation: 3),
            of: 1,
            until: at(26),
            since: generation,
            at: at(1)
        )
        #expect(placement == .waiting(until: at(10), released: 0))
        _ = table.expire(at: at(10.1))
        #expect(table.takeRequest(at: at(10.1))?.polling == .isOver(.drain))
    }

    @Test func aSecondStopEndsAllWaits() {
        _ = wait(7, for: .messages(conversation: 3))
        _ = table.stop(drainingUntil: at(20), at: start)
        _ = table.stop(drainingUntil: at(20), at: at(1))
        #expect(table.takeRequest(at: at(1))?.polling == .isOver(.drain))
    }

    // MARK: Beside other requests

    @Test func wokenPollsAndOtherRequestsAreTakenInTurn() {
        let polls = ([7, 8] as [Int32]).map { wait($0, for: .messages(conversation: 3), of: Int64($0)) }
        _ = table.report([.messages(conversation: 3)], at: at(1))
        let others = ([9, 10] as [Int32]).map { descriptor in
            let id = table.accepted(descriptor, at: at(2))
            _ = table.receivedRequest(id, at: at(2))
            return id
        }
        let taken = (0..<4).compactMap { _ in table.takeRequest(at: at(2))?.id }
        #expect(Set(taken) == Set(polls + others))
        #expect(Set(taken.prefix(2)).intersection(polls).count == 1)
    }

    // MARK: Parts

    private func at(_ seconds: Double) -> Instant { start + .seconds(seconds) }

    private func serve(_ descriptor: Int32) -> ConnectionTable.ID {
        let id = table.accepted(descriptor, at: start)
        _ = table.receivedRequest(id, at: start)
        _ = table.takeRequest(at: start)
        return id
    }

    private func wait(
        _ descriptor: Int32,
        for subject: ChangeSubject,
        of user: Int64 = 1,
        seconds: Double = 20,
        since began: Double = 0
    ) -> ConnectionTable.ID {
        let id = serve(descriptor)
        let generation = table.generation
        _ = table.wait(id, for: subject, of: user, until: at(seconds), since: generation, at: at(began))
        return id
    }
}
