import Runtime
import Testing

@testable import MySQLStore

@Suite struct ChangeWindowTests {
    private let start = Instant.now
    private let time: Int64 = 1_800_000_000_000

    private func window() -> ChangeWindow { ChangeWindow(.init(message: 10_000, time: time), at: start) }

    private func message(_ id: Int64, users: [Int64] = [1, 2]) -> [FeedRow] {
        users.map { FeedRow(message: id, conversation: id % 10, user: $0, time: time) }
    }

    private func change(_ conversation: Int64, after milliseconds: Int64) -> FeedRow {
        FeedRow(message: nil, conversation: conversation, user: 1, time: time + milliseconds)
    }

    @Test func aLookBeginsBehindTheNewestThatWasSeen() {
        var window = window()
        _ = window.take(message(10_001) + [change(1, after: 5)])
        #expect(window.bounds(at: start + .milliseconds(22)) == .init(message: 10_001, time: time + 5))
    }

    @Test func whatWasSeenIsNotNewAgain() {
        var window = window()
        #expect(window.take(message(10_001) + [change(1, after: 5)]).count == 3)
        #expect(window.take(message(10_001) + [change(1, after: 5)]) == [])
        #expect(window.take([change(1, after: 6)]) == [change(1, after: 6)])
    }

    @Test func eachMemberOfAMessageIsNew() {
        var window = window()
        #expect(window.take(message(10_001, users: [4, 5, 6])).compactMap(\.user) == [4, 5, 6])
    }

    @Test func fourTimesASecondALookGoesBackByThreeSeconds() {
        var window = window()
        var bounds: [ChangeWindow.Bounds] = []
        for step in 1...300 {
            _ = window.take(message(10_000 + Int64(step)))
            bounds.append(window.bounds(at: start + .milliseconds(Int64(step) * 22)))
        }
        let back = bounds.enumerated().filter { $1.message < 10_000 + Int64($0) + 1 }.map(\.offset)
        #expect(back.count >= 24 && back.count <= 26)
        // The last of them came 6.6 s behind the start: three seconds before it were some 136 steps.
        let last = bounds[back.last ?? 0].message
        #expect(last >= 10_000 + 300 - 175 && last <= 10_000 + 300 - 125)
    }

    @Test func everyFiveSecondsALookGoesBackByAMinute() {
        var window = window()
        var oldest: [Int64] = []
        for second in 1...200 {
            _ = window.take(message(10_000 + Int64(second)))
            var least = Int64.max
            for step in 0..<4 as Range<Int64> {
                least = min(least, window.bounds(at: start + .milliseconds(Int64(second) * 1_000 + step * 250)).message)
            }
            oldest.append(least)
        }
        #expect(oldest.suffix(10).contains { $0 <= 10_000 + 200 - 62 && $0 > 10_000 + 200 - 75 })
    }

    @Test func aLateCommitIsNew() {
        var window = window()
        _ = window.take(message(10_005))
        #expect(window.take(message(10_002)) == message(10_002))
    }

    @Test func whatNoLookFindsAgainIsForgotten() {
        var window = window()
        for second in 1...300 {
            _ = window.take(message(10_000 + Int64(second)) + [change(Int64(second), after: Int64(second) * 1_000)])
            _ = window.bounds(at: start + .seconds(second))
        }
        // What is long past would be new, were it found again.
        #expect(!window.take(message(10_001)).isEmpty)
        #expect(window.take(message(10_290)) == [])
    }

    @Test func moreChangesInAMillisecondThanALookReadsDoNotHoldItUp() {
        var window = window()
        _ = window.take([change(1, after: 5)])
        _ = window.take([change(2, after: 5)], isCut: true)
        #expect(window.bounds(at: start).time == time + 6)
    }
}
