// What the dispatcher's thread and the workers share.

import Runtime

/// Used under the lock of the dispatcher's monitor.
///
/// Invariant: `connections` holds, by descriptor, those that `table` has.
struct DispatcherState {
    var table: ConnectionTable
    private var connections: [FCGXConnection?] = []
    /// Connections with input that no readiness will be reported for.
    var unseen: [ConnectionTable.ID] = []
    /// When the dispatcher's thread looks at the deadlines next, unless it is woken before.
    var nextReview = Instant.now
    /// The listener rests until a connection closes.
    var waitsForRoom = false
    /// No more connections will come.
    var hasStoppedListening = false
    /// No more requests will come.
    var isStopped = false
    private(set) var statistics = DispatcherStatistics()

    init(_ table: ConnectionTable) {
        self.table = table
    }

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

    /// Lets a connection go that the table has let go: it closes with the last reference to it.
    mutating func drop(_ id: ConnectionTable.ID, because reason: DispatcherStatistics.Closing) {
        connections[Int(id.descriptor)] = nil
        statistics.closed[reason.rawValue] += 1
    }
}
