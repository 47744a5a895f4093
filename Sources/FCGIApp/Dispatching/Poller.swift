// Owns an epoll instance, and an eventfd to wake the thread that waits in it.

internal import CLinux
import Glibc
import MySQLStore

/// Waits for many descriptors at once. One thread waits; any thread may add, and wake it.
final class Poller: Sendable {
    /// What a descriptor is waited for with.
    struct Interest: Sendable {
        fileprivate let events: UInt32

        /// Something is there to be accepted; reported for as long as it is.
        static let connections = Interest(events: EPOLLIN.rawValue)
        /// Something has come in, or the peer has gone; reported once each time it happens.
        static let input = Interest(events: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
        /// Nothing, for now.
        static let nothing = Interest(events: 0)
    }

    struct Event {
        /// What the descriptor was added with.
        var token: UInt64
        /// The peer has closed, at least its direction: it waits for nothing any more.
        var isHungUp: Bool
    }

    private let epoll: Int32
    private let wakeUp: Int32

    private static let wakeUpToken = UInt64.max
    private static let most = 256

    init() throws(SystemError) {
        epoll = try system("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        wakeUp = try system("eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }
        try add(wakeUp, for: .input, token: Self.wakeUpToken)
    }

    deinit {
        close(wakeUp)
        close(epoll)
    }

    /// Begins to wait for a descriptor. Closing it ends that.
    func add(_ descriptor: Int32, for interest: Interest, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_ADD, descriptor, interest, token)
    }

    /// Waits for something else on a descriptor.
    func change(_ descriptor: Int32, to interest: Interest, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_MOD, descriptor, interest, token)
    }

    /// Has `wait` return, now or when it is called next.
    func wake() {
        eventfd_write(wakeUp, 1)
    }

    /// Waits until something happens, the time is over, or somebody wakes this thread.
    ///
    /// - Parameter timeout: not before it is over, to the millisecond.
    func wait(timeout: Interval) throws(SystemError) -> [Event] {
        let milliseconds = timeout <= .zero ? 0 : Int32(clamping: timeout.milliseconds + 1)
        return try withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.most) {
            events throws(SystemError) in
            let count = try system("epoll_wait") {
                epoll_wait(epoll, events.baseAddress, Int32(events.count), milliseconds)
            }
            return events[..<Int(count)].compactMap { event in
                guard event.data.u64 != Self.wakeUpToken else {
                    var count: eventfd_t = 0
                    eventfd_read(wakeUp, &count)
                    return nil
                }
                let hangUps = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
                return Event(token: event.data.u64, isHungUp: event.events & hangUps != 0)
            }
        }
    }

    private func control(
        _ operation: Int32,
        _ descriptor: Int32,
        _ interest: Interest,
        _ token: UInt64
    ) throws(SystemError) {
        var event = epoll_event(events: interest.events, data: epoll_data_t(u64: token))
        try system("epoll_ctl") { epoll_ctl(epoll, operation, descriptor, &event) }
    }
}
