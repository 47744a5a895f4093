// The orders that no back-fill has opened a conversation for.

/// Orders that should have a conversation, and have none.
public struct OrdersWithoutConversation: Sendable {
    /// How many there are.
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

extension Maintenance {
    /// Orders that were changed at least so many seconds ago, and are still without their conversation.
    /// Reads all orders that should have one.
    public func ordersWithoutConversation(for seconds: Int64) throws(DatabaseError) -> OrdersWithoutConversation {
        let statement = Statement<OrdersWithoutConversation>(connection, "CALL orbia_backfill_report(?)")
        guard let report = try statement.row(seconds) else { throw .unexpectedRow("no report") }
        return report
    }
}
