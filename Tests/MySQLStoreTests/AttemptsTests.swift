// The step after a failed attempt depends on the meaning of its error.

import Runtime
import Testing

@testable import MySQLStore

@Suite struct AttemptsTests {
    private let start = Instant.now
    /// Of a request with 3 s: a write needs half of it, and a third is what is not waited for twice.
    private static let limits = Attempts.Limits(
        timeForWrite: .seconds(1.5),
        longestRetriedFailure: .seconds(1)
    )

    private func attempts(_ work: Attempts.Work) -> Attempts {
        Attempts(work, until: start + .seconds(3), Self.limits, at: start)
    }

    private func at(_ seconds: Double) -> Instant { start + .seconds(seconds) }

    private func failure(
        _ meaning: DatabaseError.Meaning,
        after seconds: Double = 0.1,
        hasLeftHost: Bool = false
    ) -> Attempts.Failure {
        Attempts.Failure(meaning: meaning, duration: .seconds(seconds), hasLeftHost: hasLeftHost)
    }

    private func isRetry(_ step: Attempts.Step) -> Bool {
        if case .retry = step { return true }
        return false
    }

    // MARK: Reads

    @Test func aReadWhoseConnectionWasLostIsRunAgain() {
        var attempts = attempts(.reading)
        expect(isRetry(attempts.step(after: failure(.connectionLost), at: at(0.1), jitter: 0)))
    }

    @Test func aHostThatWasWaitedForIsNotWaitedForAgain() {
        var attempts = attempts(.reading)
        expect(attempts.step(after: failure(.connectionLost, after: 2), at: at(2), jitter: 0) == .giveUp)
    }

    @Test func butAnotherHostIsAsked() {
        var attempts = attempts(.reading)
        expect(
            isRetry(attempts.step(after: failure(.connectionLost, after: 2, hasLeftHost: true), at: at(2), jitter: 0))
        )
    }

    @Test func aTableThatIsLockedIsTriedForAMomentOnly() {
        var attempts = attempts(.reading)
        expect(isRetry(attempts.step(after: failure(.lockConflict, after: 0), at: at(0), jitter: 1)))
        for number in 1...20 {
            let now = at(Double(number) / 51)
            expect(isRetry(attempts.step(after: failure(.lockConflict, after: 0), at: now, jitter: 1)))
        }
        expect(attempts.step(after: failure(.lockConflict, after: 0), at: at(0.41), jitter: 1) == .giveUp)
    }

    @Test(arguments: [DatabaseError.Meaning.stopped, .notSent, .permanent, .hostFault(.readOnly)])
    func aReadThatAnotherAttemptWouldNotHelp(meaning: DatabaseError.Meaning) {
        var attempts = attempts(.reading)
        expect(attempts.step(after: failure(meaning), at: at(0.1), jitter: 0) == .giveUp)
        expect(!attempts.isInDoubt)
    }

    // MARK: Writes

    @Test(arguments: [DatabaseError.Meaning.connectionLost, .lockConflict, .statementStale])
    func aWriteIsTriedAgain(meaning: DatabaseError.Meaning) {
        var attempts = attempts(.writing)
        expect(isRetry(attempts.step(after: failure(meaning), at: at(0.1), jitter: 0)))
        expect(attempts.isInDoubt == (meaning == .connectionLost))
    }

    @Test func aWriteThatTheServerHasStoppedIsVerified() {
        var attempts = attempts(.writing)
        expect(attempts.step(after: failure(.stopped, after: 1.5), at: at(1.5), jitter: 0) == .verify)
    }

    @Test func aFullDiskCanBeTheCommitsAndIsVerified() {
        var alone = attempts(.writing)
        expect(alone.step(after: failure(.hostFault(.exhausted)), at: at(0.1), jitter: 0) == .verify)
        var moved = attempts(.writing)
        expect(isRetry(moved.step(after: failure(.hostFault(.exhausted), hasLeftHost: true), at: at(0.1), jitter: 0)))
        expect(moved.isInDoubt)
    }

    @Test func aWriteThatWasNotDoneIsTriedAgainWhereThereIsTime() {
        var early = attempts(.writing)
        expect(early.step(after: failure(.stopped), at: at(0.1), jitter: 0) == .verify)
        expect(isRetry(early.stepAfterNothingWasFound(at: at(0.2))))
        expect(!early.isInDoubt)
        var late = attempts(.writing)
        expect(late.step(after: failure(.stopped), at: at(1.6), jitter: 0) == .verify)
        expect(late.stepAfterNothingWasFound(at: at(1.7)) == .giveUp)
    }

    @Test func aLostConnectionWithLittleTimeLeftIsVerifiedWithoutWriting() {
        var attempts = attempts(.writing)
        expect(
            attempts.step(after: failure(.connectionLost, after: 2, hasLeftHost: true), at: at(2), jitter: 0)
                == .verify
        )
    }

    @Test func aWriteInDoubtIsVerifiedHoweverTheLaterAttemptsEnd() {
        var attempts = attempts(.writing)
        _ = attempts.step(after: failure(.connectionLost), at: at(0.1), jitter: 0)
        expect(attempts.step(after: failure(.lockConflict, after: 1), at: at(2), jitter: 0) == .verify)
    }

    @Test func aWriteThatWasSurelyNotDoneIsGivenUp() {
        var attempts = attempts(.writing)
        expect(attempts.step(after: failure(.lockConflict, after: 1), at: at(2), jitter: 0) == .giveUp)
        expect(attempts.step(after: failure(.permanent), at: at(0.1), jitter: 0) == .giveUp)
    }

    @Test func aHostThatCannotIsLeftForAnotherOne() {
        var moved = attempts(.writing)
        expect(isRetry(moved.step(after: failure(.hostFault(.readOnly), hasLeftHost: true), at: at(0.1), jitter: 0)))
        var alone = attempts(.writing)
        expect(alone.step(after: failure(.hostFault(.readOnly)), at: at(0.1), jitter: 0) == .giveUp)
    }

    @Test func theAttemptsAreBounded() {
        var attempts = attempts(.writing)
        var count = 1
        while isRetry(attempts.step(after: failure(.lockConflict, after: 0), at: at(0), jitter: 0)) { count += 1 }
        expect(count == Self.limits.attempts)
    }

    @Test func aWriteDoesNotBeginWithoutTimeForTheServersOwnLimit() {
        let attempts = attempts(.writing)
        expect(attempts.hasTime(at: at(1.4)))
        expect(!attempts.hasTime(at: at(1.6)))
        expect(self.attempts(.reading).hasTime(at: at(2.9)))
    }
}
