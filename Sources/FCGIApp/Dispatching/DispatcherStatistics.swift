// The dispatcher's counts, for the metrics.

/// Counts since the start of the process, and of connections as they are now.
struct DispatcherStatistics: Sendable {
    /// Why a connection was closed.
    enum CloseReason: Int, CaseIterable, Sendable {
        /// The peer closed it.
        case peer
        /// After an answer, as the peer wanted, or because the peer did not take the answer.
        case finished
        /// The peer sent what is no request.
        case protocolError
        /// The connection was idle for too long, or its request took too long to come in.
        case timeout
        /// The process stopped.
        case drained
    }

    /// Connections that were accepted.
    var accepted = 0
    /// Connections that were closed, by `CloseReason`.
    var closed = [Int](repeating: 0, count: CloseReason.allCases.count)
    /// Connections by `ConnectionTable.State`.
    var connections = [Int](repeating: 0, count: ConnectionTable.State.allCases.count)

    /// Polls that have waited, by what has ended their wait.
    var polls = WaitingPolls.Counts()

    /// Requests that hold a permit to write.
    var writers = 0
    /// Requests that hold a permit to search.
    var searches = 0
    /// Bytes of all requests that wait or are served.
    var heldBytes = 0

    /// Requests that wait for a worker. Parked writes and searches that wait are not among them.
    var queueLength: Int { count(.queued) + count(.queuedWrite) + count(.resumed) + count(.woken) }

    /// Writes that wait for a permit, or for their turn in their conversation.
    var writesWaiting: Int { count(.queuedWrite) + count(.parked) }

    func count(_ state: ConnectionTable.State) -> Int {
        connections[state.rawValue]
    }
}
