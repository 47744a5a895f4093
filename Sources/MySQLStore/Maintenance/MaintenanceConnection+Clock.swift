// Times in the future, which a database clock that was ahead has left behind.

/// Conversations and members whose times are more than a minute ahead of the database's clock.
public struct TimesAhead: Sendable {
    /// The number of conversations whose newest message is ahead, or whose creation where there is no message. Softly
    /// deleted conversations do not count.
    public var conversations: Int64
    /// `orbia_conversation.id` of one of them.
    public var example: Int64?
    /// By how many seconds the furthest of them is ahead.
    public var seconds: Int64?
}

extension TimesAhead: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        conversations = try row.next()
        example = try row.next()
        seconds = try row.next()
    }
}

/// A number of rows.
private struct RowCount: DecodableRow {
    let count: Int64

    init(_ row: inout RowReader) throws(DatabaseError) {
        count = try row.next()
    }
}

extension MaintenanceConnection {
    /// Counts the conversations that are ahead. It reads all of them: each send would have to keep an index on
    /// last_message_at.
    public func timesAhead() throws(DatabaseError) -> TimesAhead {
        let statement = Statement<TimesAhead>(
            connection,
            """
            SELECT COUNT(*), MIN(id),
                   CAST(MAX(UNIX_TIMESTAMP(COALESCE(last_message_at, created_at))) - UNIX_TIMESTAMP() AS SIGNED)
            FROM orbia_conversation
            WHERE COALESCE(last_message_at, created_at) > NOW(3) + INTERVAL 1 MINUTE AND deleted_at IS NULL
            """
        )
        guard let times = try statement.row() else { throw .unexpectedRow("no count") }
        return times
    }

    /// The number of members whose last_read_at is more than a minute ahead. It reads all members.
    public func readersAhead() throws(DatabaseError) -> Int64 {
        let statement = Statement<RowCount>(
            connection,
            "SELECT COUNT(*) FROM orbia_conversation_member WHERE last_read_at > NOW(3) + INTERVAL 1 MINUTE"
        )
        return try statement.row()?.count ?? 0
    }
}
