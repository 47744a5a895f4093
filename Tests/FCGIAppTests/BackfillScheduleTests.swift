// Which orders a back-fill looks at, and what it goes on reporting.

import MySQLStore
import Runtime
import Testing

@testable import FCGIApp

@Suite struct BackfillScheduleTests {
    private let start = Instant.now
    private var schedule = BackfillSchedule()

    private func at(_ seconds: Int) -> Instant { start + .seconds(seconds) }

    /// A run at a time since the start that takes so many seconds; gives what it looked at.
    @discardableResult
    private mutating func run(
        at seconds: Int,
        taking duration: Int = 0,
        _ kind: BackfillResult.Kind = .done,
        ordersFailed: Int64 = 0,
        reason: String = ""
    ) -> BackfillSchedule.Part {
        let part = schedule.next(at: at(seconds))
        let result = BackfillResult(kind: kind, opened: 0, ordersFailed: ordersFailed, reason: reason)
        schedule.ran(part, begun: at(seconds), ended: at(seconds + duration), result)
        return part
    }

    @Test mutating func itLooksAtAllFirstAndOnceAnHour() {
        let parts = [0, 60, 120, 3_599, 3_600, 3_660].map { run(at: $0) }
        #expect(parts[0] == .all)
        #expect(parts[1] == .changed(seconds: 3_660))
        #expect(parts[2] == .changed(seconds: 3_660))
        #expect(parts[4] == .all)
        #expect(parts[5] == .changed(seconds: 3_660))
    }

    @Test(arguments: [BackfillResult.Kind.failed, .busy])
    mutating func aRunInVainIsMadeUpFor(kind: BackfillResult.Kind) {
        #expect(run(at: 0, kind) == .all)
        #expect(run(at: 60, kind) == .all)
        #expect(schedule.failedRuns == 2)
        #expect(run(at: 120) == .all)
        #expect(schedule.failedRuns == 0)
        run(at: 180, kind)
        run(at: 600, kind)
        #expect(run(at: 660) == .changed(seconds: 540 + 3_600))
    }

    @Test mutating func ordersThatFailAreLookedAtAgainAmongAll() {
        run(at: 0, ordersFailed: 3, reason: "KORD_3: too long")
        #expect(schedule.ordersFailed == 3)
        #expect(schedule.lastError == "KORD_3: too long")
        #expect(run(at: 60, ordersFailed: 3, reason: "KORD_3: too long") == .all)
        #expect(run(at: 120) == .all)
        #expect(schedule.ordersFailed == 0)
        #expect(run(at: 180) == .changed(seconds: 3_660))
    }

    @Test mutating func whileOrdersFailAllAreLookedAtForAHundredthOfTheTime() {
        run(at: 0, taking: 10, ordersFailed: 3, reason: "first")
        #expect(run(at: 60) == .changed(seconds: 3_660))
        // The old orders still fail, though none of those that changed does.
        #expect(schedule.ordersFailed == 3)
        #expect(schedule.lastError == "first")
        #expect(run(at: 999) == .changed(seconds: 939 + 3_600))
        #expect(run(at: 1_000) == .all)
    }

    @Test mutating func aFailureAmongTheChangedIsCountedAmongAllNext() {
        run(at: 0)
        run(at: 60, ordersFailed: 1)
        #expect(schedule.ordersFailed == 1)
        #expect(run(at: 120, ordersFailed: 2) == .all)
        #expect(schedule.ordersFailed == 2)
    }
}
