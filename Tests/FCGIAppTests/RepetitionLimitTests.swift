// One cause is one line, and then a count.

import Runtime
import Testing

@testable import FCGIApp

@Suite final class RepetitionLimitTests {
    private var limit = RepetitionLimit<String>(window: .seconds(10))
    private let start = Instant.now

    /// Whether a message with this cause and text is written, so many seconds after the start.
    private func isWritten(_ text: String = "", cause: String, at seconds: Int64) -> Bool {
        limit.admits(text, cause: cause, at: start + .seconds(seconds))
    }

    private func due(at seconds: Int64, isEnding: Bool = false) -> [RepetitionLimit<String>.Repetition] {
        limit.takeDue(at: start + .seconds(seconds), isEnding: isEnding)
    }

    @Test func theFirstIsWrittenAndTheOthersAreCounted() {
        #expect(isWritten("1", cause: "a", at: 0))
        for second in 1...5 as ClosedRange<Int64> { #expect(!isWritten("\(second)", cause: "a", at: second)) }
        #expect(due(at: 9).isEmpty)
        let due = due(at: 10)
        #expect(due.map(\.count) == [5])
        #expect(due.map(\.newest) == ["5"])
    }

    @Test func whileItLastsItIsCountedInEachWindow() {
        #expect(isWritten(cause: "a", at: 0))
        for window in 0..<3 as Range<Int64> {
            for second in 1...9 as ClosedRange<Int64> { _ = isWritten(cause: "a", at: window * 10 + second) }
            #expect(due(at: window * 10 + 10).map(\.count) == [9])
        }
    }

    @Test func afterAQuietWindowTheNextIsWritten() {
        #expect(isWritten(cause: "a", at: 0))
        #expect(due(at: 10).isEmpty)
        #expect(limit.nextDue == nil)
        #expect(isWritten(cause: "a", at: 11))
    }

    @Test func eachCauseHasALine() {
        for cause in ["a", "b", "c"] { #expect(isWritten(cause: cause, at: 0)) }
        for cause in ["a", "c"] { #expect(!isWritten(cause, cause: cause, at: 1)) }
        #expect(due(at: 10).map(\.newest) == ["a", "c"])
    }

    @Test func theNextCountIsDueWhenTheFirstWindowIsOver() {
        #expect(limit.nextDue == nil)
        #expect(isWritten(cause: "a", at: 3))
        #expect(isWritten(cause: "b", at: 1))
        #expect(limit.nextDue == start + .seconds(11))
    }

    @Test func atTheEndAllIsTold() {
        #expect(isWritten(cause: "a", at: 0))
        #expect(!isWritten(cause: "a", at: 1))
        #expect(due(at: 1, isEnding: true).map(\.count) == [1])
        #expect(due(at: 1, isEnding: true).isEmpty)
    }

    @Test func causesThatAreChosenBadlyTakeNoMemoryForEver() {
        for number in 0..<10_000 { #expect(isWritten(cause: "\(number)", at: 0)) }
        #expect(due(at: 10).isEmpty)
        #expect(limit.nextDue == nil)
    }
}
