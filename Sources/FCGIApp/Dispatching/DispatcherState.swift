// What the dispatcher's thread and the workers share.

import Runtime

/// The connections and their table. It is used under the dispatcher's lock.
///
/// Invariant: `connections` holds, by descriptor, those that `table` has.
struct DispatcherState {
    var table: ConnectionTable
    private var connections: [FCGXConnection?] = []
    /// Connections whose input has been received, or reported, already: the poller does not report it again.
    var pendingInput: [ConnectionTable.ID] = []
    /// When the dispatcher's thread looks at the deadlines next, unless it is woken before.
    var nextReview = Instant.now
    /// Whether the dispatcher's thread has stopped accepting until a connection closes.
    var waitsForRoom = false
    private(set) var statistics = DispatcherStatistics()

    init(_ table: ConnectionTable) {
        self.table = table
    }

    /// Whether the dispatcher's thread has to hear of a connection that was closed.
    var mustReportClosing: Bool { waitsForRoom || table.lifeCycle.phase == .stopped }

    func connection(_ id: ConnectionTable.ID) -> FCGXConnection? {
        connections[Int(id.descriptor)]
    }

    mutating func add(_ connection: FCGXConnection, at now: Instant) -> ConnectionTable.ID {
        let index = Int(connection.descriptor)
        while connections.count <= index { connections.append(nil) }
        connections[index] = connection
        statistics.accepted += 1
        return table.accepted(connection.descriptor, at: now)
    }

    /// Releases a connection that the table has removed: it closes with the last reference to it.
    mutating func release(_ id: ConnectionTable.ID, because reason: DispatcherStatistics.CloseReason) {
        connections[Int(id.descriptor)] = nil
        statistics.closed[reason.rawValue] += 1
    }
}
