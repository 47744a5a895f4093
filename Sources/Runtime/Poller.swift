// An epoll instance, and an eventfd that wakes the thread that waits in it.

internal import CLinux
internal import Glibc

/// Waits for many descriptors at once. One thread waits; any thread may add a descriptor, or wake the one that waits.
public final class Poller: Sendable {
    /// The events that are waited for on a descriptor.
    public struct Interest: Sendable {
        fileprivate let events: UInt32

        /// A connection can be accepted; reported for as long as one can.
        public static let connections = Interest(events: EPOLLIN.rawValue)
        /// Bytes have come in, or the peer has closed; reported once each time it happens.
        public static let input = Interest(events: EPOLLIN.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
        /// No event, for now.
        public static let nothing = Interest(events: 0)
    }

    /// Something that happened on a descriptor.
    public struct Event {
        /// The token that the descriptor was added with.
        public var token: UInt64
        /// The peer has closed its direction at least: it waits for no answer any more.
        public var isHungUp: Bool
    }

    private let epoll: Int32
    private let wakeUp: Int32

    private static let wakeUpToken = UInt64.max
    /// The most events that one wait returns.
    private static let capacity = 256

    /// A poller that waits for no descriptor yet.
    public init() throws(SystemError) {
        epoll = try system("epoll_create1") { epoll_create1(Int32(EPOLL_CLOEXEC)) }
        wakeUp = try system("eventfd") { eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK)) }
        try add(wakeUp, for: .input, token: Self.wakeUpToken)
    }

    deinit {
        close(wakeUp)
        close(epoll)
    }

    /// Begins to wait for a descriptor. Closing the descriptor ends that.
    ///
    /// - Parameter token: any number but UInt64.max.
    public func add(_ descriptor: Int32, for interest: Interest, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_ADD, descriptor, interest, token)
    }

    /// Changes the events that are waited for on a descriptor.
    public func change(_ descriptor: Int32, to interest: Interest, token: UInt64) throws(SystemError) {
        try control(EPOLL_CTL_MOD, descriptor, interest, token)
    }

    /// Makes `wait` return, now or when it is called next.
    public func wake() {
        eventfd_write(wakeUp, 1)
    }

    /// Waits until events happen, the time is over, or another thread calls `wake`.
    ///
    /// - Parameter timeout: rounded up to whole milliseconds.
    public func wait(timeout: Interval) throws(SystemError) -> [Event] {
        let milliseconds = timeout <= .zero ? 0 : Int32(clamping: timeout.milliseconds + 1)
        return try withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.capacity) {
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
