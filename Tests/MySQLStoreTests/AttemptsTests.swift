// What is done about an attempt that failed, meaning by meaning.

import Runtime
import Testing

@testable import MySQLStore

@Suite struct AttemptsTests {
    private let start = Instant.now
    /// Of a request with 3 s: a write needs half of it, and a third is what is not waited for twice.
    private static let limits = Attempts.Limits(writing: .seconds(1.5), waiting: .seconds(1))

    private func attempts(_ work: Attempts.Work) -> Attempts {
        Attempts(work, until: start + .seconds(3), Self.limits, at: start)
    }

    private func at(_ seconds: Double) -> Instant { start + .seconds(seconds) }

    private func failure(
        _ meaning: DatabaseError.Meaning,
        after seconds: Double = 0.1,
        hasMoved: Bool = false
    ) -> Attempts.Failure {
        Attempts.Failure(meaning: meaning, lasted: .seconds(seconds), hasMoved: hasMoved)
    }

    private func isAgain(_ step: Attempts.Step) -> Bool {
        if case .again = step { return true }
        return false
    }

    // MARK: Reads

    @Test func aReadWhoseConnectionWasLostIsRunAgain() {
        var attempts = attempts(.reading)
        expect(isAgain(attempts.step(after: failure(.lost), at: at(0.1), draw: 0)))
    }

    @Test func aHostThatWasWaitedForIsNotWaitedForAgain() {
        var attempts = attempts(.reading)
        expect(attempts.step(after: failure(.lost, after: 2), at: at(2), draw: 0) == .giveUp)
    }

    @Test func butAnotherHostIsAsked() {
        var attempts = attempts(.reading)
        expect(isAgain(attempts.step(after: failure(.lost, after: 2, hasMoved: true), at: at(2), draw: 0)))
    }

    @Test func aTableThatIsLockedIsTriedForAMomentOnly() {
        var attempts = attempts(.reading)
        expect(isAgain(attempts.step(after: failure(.undone, after: 0), at: at(0), draw: 1)))
        expect(isAgain(attempts.step(after: failure(.undone, after: 0), at: at(0.1), draw: 1)))
        expect(attempts.step(after: failure(.undone, after: 0), at: at(0.16), draw: 1) == .giveUp)
    }

    @Test(arguments: [DatabaseError.Meaning.stopped, .outOfTime, .refused, .hostFault(.readOnly)])
    func aReadThatAnotherAttemptWouldNotHelp(meaning: DatabaseError.Meaning) {
        var attempts = attempts(.reading)
        expect(attempts.step(after: failure(meaning), at: at(0.1), draw: 0) == .giveUp)
        expect(!attempts.mayBeDone)
    }

    // MARK: Writes

    @Test(arguments: [DatabaseError.Meaning.lost, .undone, .stale])
    func aWriteIsTriedAgain(meaning: DatabaseError.Meaning) {
        var attempts = attempts(.writing)
        expect(isAgain(attempts.step(after: failure(meaning), at: at(0.1), draw: 0)))
        expect(attempts.mayBeDone == (meaning == .lost))
    }

    @Test func aWriteThatTheServerHasStoppedIsSettled() {
        var attempts = attempts(.writing)
        expect(attempts.step(after: failure(.stopped, after: 1.5), at: at(1.5), draw: 0) == .settle)
    }

    @Test func aFullDiskCanBeTheCommitsAndIsSettled() {
        var alone = attempts(.writing)
        expect(alone.step(after: failure(.hostFault(.exhausted)), at: at(0.1), draw: 0) == .settle)
        var moved = attempts(.writing)
        expect(isAgain(moved.step(after: failure(.hostFault(.exhausted), hasMoved: true), at: at(0.1), draw: 0)))
        expect(moved.mayBeDone)
    }

    @Test func whatWasNotDoneIsTriedAgainWhereThereIsTime() {
        var early = attempts(.writing)
        expect(early.step(after: failure(.stopped), at: at(0.1), draw: 0) == .settle)
        expect(isAgain(early.stepAfterNothingWasDone(at: at(0.2))))
        expect(!early.mayBeDone)
        var late = attempts(.writing)
        expect(late.step(after: failure(.stopped), at: at(1.6), draw: 0) == .settle)
        expect(late.stepAfterNothingWasDone(at: at(1.7)) == .giveUp)
    }

    @Test func aLostConnectionWithLittleTimeLeftIsSettledWithoutWriting() {
        var attempts = attempts(.writing)
        expect(attempts.step(after: failure(.lost, after: 2, hasMoved: true), at: at(2), draw: 0) == .settle)
    }

    @Test func whatMayHaveBeenDoneIsSettledHoweverTheLaterAttemptsEnd() {
        var attempts = attempts(.writing)
        _ = attempts.step(after: failure(.lost), at: at(0.1), draw: 0)
        expect(attempts.step(after: failure(.undone, after: 1), at: at(2), draw: 0) == .settle)
    }

    @Test func whatWasSurelyNotDoneIsGivenUp() {
        var attempts = attempts(.writing)
        expect(attempts.step(after: failure(.undone, after: 1), at: at(2), draw: 0) == .giveUp)
        expect(attempts.step(after: failure(.refused), at: at(0.1), draw: 0) == .giveUp)
    }

    @Test func aHostThatCannotIsLeftForAnotherOne() {
        var moved = attempts(.writing)
        expect(isAgain(moved.step(after: failure(.hostFault(.readOnly), hasMoved: true), at: at(0.1), draw: 0)))
        var alone = attempts(.writing)
        expect(alone.step(after: failure(.hostFault(.readOnly)), at: at(0.1), draw: 0) == .giveUp)
    }

    @Test func theAttemptsAreBounded() {
        var attempts = attempts(.writing)
        var count = 1
        while isAgain(attempts.step(after: failure(.undone, after: 0), at: at(0), draw: 0)) { count += 1 }
        expect(count == Self.limits.attempts)
    }

    @Test func aWriteDoesNotBeginWithoutTimeForTheServersOwnLimit() {
        let attempts = attempts(.writing)
        expect(attempts.hasTime(at: at(1.4)))
        expect(!attempts.hasTime(at: at(1.6)))
        expect(self.attempts(.reading).hasTime(at: at(2.9)))
    }
}
