// What a database clock that was ahead has left in the future.

/// Conversations and members whose times are more than a minute ahead of the database's clock.
public struct TimesAhead: Sendable {
    /// Conversations, the softly deleted ones left out, whose newest message is ahead; of one without
    /// messages, whose creation is.
    public var conversations: Int64
    /// `orbia_conversation.id` of one of them.
    public var example: Int64?
    /// How many seconds the furthest of them is ahead.
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

extension Maintenance {
    /// What of the conversations is ahead. Reads all of them: there is no index on last_message_at, which
    /// each send would have to keep.
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

    /// How many members have read up to a time that is more than a minute ahead. Reads all members.
    public func readersAhead() throws(DatabaseError) -> Int64 {
        let statement = Statement<RowCount>(
            connection,
            "SELECT COUNT(*) FROM orbia_conversation_member WHERE last_read_at > NOW(3) + INTERVAL 1 MINUTE"
        )
        return try statement.row()?.count ?? 0
    }
}
