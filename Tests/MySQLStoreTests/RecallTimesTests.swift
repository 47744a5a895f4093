// Until when a message can be recalled.

import Runtime
import Testing

@testable import MySQLStore

@Suite struct RecallTimesTests {
    private let times = RecallTimes(text: .seconds(120), file: .seconds(3_600))

    @Test func aTextAndAFileHaveTimesOfTheirOwn() {
        #expect(times.end(ofText: true, createdAt: 1_000, now: 1_000) == 121_000)
        #expect(times.end(ofText: false, createdAt: 1_000, now: 1_000) == 3_601_000)
    }

    @Test func whereTheTimeIsOverThereIsNone() {
        #expect(times.end(ofText: true, createdAt: 1_000, now: 120_999) == 121_000)
        #expect(times.end(ofText: true, createdAt: 1_000, now: 121_000) == nil)
        #expect(RecallTimes(text: .zero, file: .zero).end(ofText: true, createdAt: 1_000, now: 1_000) == nil)
    }

    @Test func aMessageAheadOfTheClockHasItsWholeTime() {
        #expect(times.end(ofText: true, createdAt: 9_000, now: 1_000) == 129_000)
    }
}
