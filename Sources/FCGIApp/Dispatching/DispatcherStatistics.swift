// What the dispatcher can tell of itself.

/// Counts since the start, and how things stand.
struct DispatcherStatistics: Sendable {
    /// Why a connection was closed.
    enum Closing: Int, CaseIterable, Sendable {
        /// The peer closed it.
        case peer
        /// After an answer, as the peer wanted, or because the peer did not take the answer.
        case finished
        /// What came in was no request.
        case protocolError
        /// It was idle for too long, or took too long to send a request.
        case timeout
        /// The process stops.
        case drained
    }

    /// Connections that were accepted.
    var accepted = 0
    /// Connections that were closed, by `Closing`.
    var closed = [Int](repeating: 0, count: Closing.allCases.count)
    /// Connections by `ConnectionTable.State`.
    var connections = [Int](repeating: 0, count: ConnectionTable.State.allCases.count)

    /// Requests that write at this moment.
    var writers = 0

    /// Requests that wait for a worker; parked writes are not among them.
    var queueLength: Int { count(.queued) + count(.queuedWrite) + count(.resumed) }

    func count(_ state: ConnectionTable.State) -> Int {
        connections[state.rawValue]
    }
}
