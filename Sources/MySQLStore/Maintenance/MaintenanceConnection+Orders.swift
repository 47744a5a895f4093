// The orders that neither a trigger nor the back-fill has opened a conversation for.

/// Orders that should have a conversation, and have none.
public struct OrdersWithoutConversation: Sendable {
    /// The number of such orders.
    public var count: Int64
    /// The order_id of one of them.
    public var example: String?
}

extension OrdersWithoutConversation: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        count = try row.next()
        example = try row.next()
    }
}

extension MaintenanceConnection {
    /// The orders without a conversation that were last changed at least so many seconds ago. It reads all orders that
    /// should have a conversation.
    public func ordersWithoutConversation(for seconds: Int64) throws(DatabaseError) -> OrdersWithoutConversation {
        let statement = Statement<OrdersWithoutConversation>(connection, Routine.backfillReport.call("?"))
        guard let report = try statement.row(seconds) else { throw .unexpectedRow("no report") }
        return report
    }
}
