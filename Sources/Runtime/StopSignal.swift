// How threads that wait for something else learn that the process stops.

internal import Glibc

/// A pipe whose writing end is closed when the process stops. Threads wait for its reading end beside
/// the other descriptors that they wait for.
public final class StopSignal: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    /// A signal that has not been sent.
    public init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try system("pipe") { pipe(&ends) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends { try system("fcntl") { fcntl(end, F_SETFD, FD_CLOEXEC) } }
    }

    deinit {
        close(readEnd)
    }

    /// Tells all threads, those that wait now and those that wait later. It is called once.
    public func send() {
        close(writeEnd)
    }

    /// Waits until `descriptor` is readable or the process stops.
    ///
    /// - Returns: whether the process stops.
    public func wait(orReadable descriptor: Int32) -> Bool {
        poll(descriptor, milliseconds: -1)
    }

    /// Waits until the time has passed or the process stops.
    ///
    /// - Parameter interval: whole milliseconds count, and at most 24 days.
    /// - Returns: whether the process stops.
    public func wait(for interval: Interval) -> Bool {
        poll(-1, milliseconds: Int32(clamping: max(0, interval.milliseconds)))
    }

    /// - Parameters:
    ///   - descriptor: -1 for none, as poll() has it.
    ///   - milliseconds: -1 for no end.
    private func poll(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var descriptors: [2 of pollfd] = [
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        var span = descriptors.mutableSpan
        span.withUnsafeMutableBufferPointer { descriptors in
            do {
                try system("poll") { Glibc.poll(descriptors.baseAddress, nfds_t(descriptors.count), milliseconds) }
            } catch {
                fatalError("\(error)")
            }
        }
        return descriptors[0].revents != 0
    }
}
