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
        try wait(for: [descriptor], milliseconds: -1)
    }

    /// Waits until the time has passed, or the service is to stop: true.
    func wait(milliseconds: Int32) throws(SystemError) -> Bool {
        try wait(for: [], milliseconds: milliseconds)
    }

    private func wait(for others: [Int32], milliseconds: Int32) throws(SystemError) -> Bool {
        var descriptors = ([readEnd] + others).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        try system("poll") { poll(&descriptors, nfds_t(descriptors.count), milliseconds) }
        return descriptors[0].revents != 0
    }
}
