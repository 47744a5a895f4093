import Glibc
import Testing

@testable import Runtime

/// What threads wait for: conditions, the stop, descriptors.
@Suite struct WaitingTests {
    @Test func aThreadThatWaitsForAConditionIsWokenByAChange() throws {
        let value = Lock(0)
        let condition = Condition()
        let thread = try Thread("test") {
            for _ in 0..<3 {
                value.withLock { value in
                    value += 1
                    condition.signal()
                }
            }
        }
        #expect(value.wait(for: condition) { $0 == 3 ? "three" : nil } == "three")
        thread.join()
    }

    @Test func aWaitEndsAtItsDeadline() {
        let value = Lock(0)
        let start = Instant.now
        let found = value.wait(for: Condition(), until: start + .milliseconds(20)) { $0 == 1 ? true : nil }
        #expect(found == nil)
        #expect(.now - start >= .milliseconds(20))
    }

    @Test func aBroadcastWakesAll() throws {
        let isOpen = Lock(false)
        let condition = Condition()
        let threads = try (0..<4).map { _ in
            try Thread("test") { isOpen.wait(for: condition) { $0 ? () : nil } }
        }
        isOpen.withLock { isOpen in
            isOpen = true
            condition.broadcast()
        }
        for thread in threads { thread.join() }
    }

    @Test func theStopIsSeenByThoseWhoWaitAndByThoseWhoWaitLater() throws {
        let stop = try StopSignal()
        #expect(!stop.wait(for: .zero))
        #expect(!stop.wait(for: .milliseconds(5)))
        let waiter = try Thread("test") { _ = stop.wait(for: .seconds(3_600)) }
        stop.send()
        waiter.join()
        #expect(stop.wait(for: .seconds(3_600)))
    }

    @Test func aReadableDescriptorEndsAWaitThatIsNoStop() throws {
        let stop = try StopSignal()
        let pipe = try Pipe()
        pipe.write()
        #expect(!stop.wait(orReadable: pipe.readEnd))
        stop.send()
        #expect(stop.wait(orReadable: pipe.readEnd))
    }

    @Test func thePollerReportsInputOnceAndHangUps() throws {
        let poller = try Poller()
        let pipe = try Pipe()
        try poller.add(pipe.readEnd, for: .input, token: 7)
        #expect(try poller.wait(timeout: .zero).isEmpty)
        pipe.write()
        let events = try poller.wait(timeout: .seconds(10))
        #expect(events.map(\.token) == [7])
        #expect(events.map(\.isHungUp) == [false])
        #expect(try poller.wait(timeout: .zero).isEmpty, "it was reported")
        pipe.closeWriteEnd()
        #expect(try poller.wait(timeout: .seconds(10)).map(\.isHungUp) == [true])
    }

    @Test func thePollerIsWokenBeforeItWaitsAndWhileItWaits() throws {
        let poller = try Poller()
        poller.wake()
        #expect(try poller.wait(timeout: .seconds(3_600)).isEmpty)
        let waker = try Thread("test") { poller.wake() }
        #expect(try poller.wait(timeout: .seconds(3_600)).isEmpty)
        waker.join()
    }

    @Test func anErrorOfTheSystemNamesTheCall() {
        let error = #expect(throws: SystemError.self) { try system("close") { close(-1) } }
        #expect(error?.code == EBADF)
        #expect(error?.description.hasPrefix("close") == true)
    }
}

/// A pipe of a test's, closed at its end.
private final class Pipe {
    let readEnd: Int32
    private var writeEnd: Int32

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try system("pipe") { pipe(&ends) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
        closeWriteEnd()
    }

    func write() {
        _ = Glibc.write(writeEnd, "x", 1)
    }

    func closeWriteEnd() {
        if writeEnd >= 0 { close(writeEnd) }
        writeEnd = -1
    }
}
