// How the threads learn that the service is to stop.

import Glibc

/// Something to wait for beside other things: the reading end of a pipe whose writing end is closed
/// when the service stops.
final class StopSignal: Sendable {
    private let readEnd: Int32
    private let writeEnd: Int32

    init() throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        try system("pipe") { pipe(&ends) }
        (readEnd, writeEnd) = (ends[0], ends[1])
        for end in ends { try system("fcntl") { fcntl(end, F_SETFD, FD_CLOEXEC) } }
    }

    deinit {
        close(readEnd)
    }

    /// Tells all threads, for good. Called once.
    func send() {
        close(writeEnd)
    }

    /// Waits until there is something to read from `descriptor`, or the service is to stop: true.
    func waitFor(readable descriptor: Int32) throws(SystemError) -> Bool {
        try wait(for: descriptor, milliseconds: -1)
    }

    /// Waits until the time has passed, or the service is to stop: true.
    func wait(milliseconds: Int32) throws(SystemError) -> Bool {
        try wait(for: -1, milliseconds: milliseconds)
    }

    /// A descriptor of -1 is one that nothing happens on.
    private func wait(for descriptor: Int32, milliseconds: Int32) throws(SystemError) -> Bool {
        var descriptors: [2 of pollfd] = [
            pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        var span = descriptors.mutableSpan
        try span.withUnsafeMutableBufferPointer { descriptors throws(SystemError) in
            _ = try system("poll") { poll(descriptors.baseAddress, nfds_t(descriptors.count), milliseconds) }
        }
        return descriptors[0].revents != 0
    }
}
