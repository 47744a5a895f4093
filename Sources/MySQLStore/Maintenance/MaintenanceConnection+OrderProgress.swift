// The state of the order's progress, for `check`.

/// Whether changes of orders are told in their conversations, and what was recorded of them.
public struct OrderProgressState: Sendable {
    /// Whether an operator has turned it on.
    public var isOn: Bool
    /// The number of changes that are recorded and not told yet.
    public var recorded: Int64
    /// How many seconds ago the oldest of them was made; nil where there is none.
    public var oldestAge: Int64?
}

extension OrderProgressState: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        isOn = try row.next() != Int64(0)
        recorded = try row.next()
        oldestAge = try row.next()
    }
}

extension MaintenanceConnection {
    /// The state of the order's progress.
    public func orderProgress() throws(DatabaseError) -> OrderProgressState {
        let statement = Statement<OrderProgressState>(connection, Routine.orderProgressReport.call(""))
        guard let state = try statement.row() else { throw .unexpectedRow("no report") }
        return state
    }
}
