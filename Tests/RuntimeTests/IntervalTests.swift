import Testing

@testable import Runtime

@Suite struct IntervalTests {
    @Test func itIsCountedInNanoseconds() {
        #expect(Interval.seconds(2) == .milliseconds(2_000))
        #expect(Interval.milliseconds(3) == .microseconds(3_000))
        #expect(Interval.seconds(1.5) == .milliseconds(1_500))
        #expect(Interval.seconds(1.5).seconds == 1.5)
    }

    @Test func smallerUnitsAreDropped() {
        let interval = Interval.seconds(1) + .microseconds(1_999)
        #expect(interval.milliseconds == 1_001)
        #expect(interval.microseconds == 1_001_999)
    }

    @Test func itIsAddedAndCompared() {
        #expect(Interval.seconds(1) + .seconds(2) - .seconds(4) == .zero - .seconds(1))
        #expect(Interval.seconds(3) * 2 / 3 == .seconds(2))
        #expect(Interval.milliseconds(999) < .seconds(1))
        var interval = Interval.seconds(1)
        interval += .seconds(2)
        interval -= .milliseconds(500)
        #expect(interval == .milliseconds(2_500))
    }

    @Test func instantsAreApartByIntervals() {
        let now = Instant.now
        #expect(now + .seconds(1) - now == .seconds(1))
        #expect(now - .seconds(1) < now)
        #expect(Instant.now >= now)
    }
}
