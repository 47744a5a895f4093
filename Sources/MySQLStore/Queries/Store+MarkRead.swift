// mark_read: one call of a routine. schema/09-writing.sql has the routine.

enum MarkReadSQL {
    static let markRead = Routine.markRead.call("?, ?, ?, ?")

    /// Finds the membership where it is as the routine leaves it. The row is that of the routine; there is none where
    /// nothing was marked. Parameters: the conversation's id and code, the user, and twice the time up to which
    /// messages were to be marked.
    static let verifyMarkRead = """
        SELECT 'read', m.unread_count
        FROM orbia_conversation_member m
        JOIN orbia_conversation c ON c.id = m.conversation_id
        WHERE m.conversation_id = \(ConversationReference.idOfParameters) AND m.user_id = ?
          AND m.last_read_at >= LEAST(c.last_message_at, COALESCE(
              FROM_UNIXTIME(GREATEST(?, 1000) / 1000), c.last_message_at))
          AND (? IS NOT NULL OR m.unread_count = 0)
        """
}

/// The answer of orbia_mark_read.
struct MarkReadRow: DecodableRow, RoutineRow {
    var outcome: String
    var unreadCount: Int64?

    init(_ row: inout RowReader) throws(DatabaseError) {
        outcome = try row.next()
        unreadCount = try row.next()
    }
}

extension Store {
    /// Marks the messages up to a time as read for `userID`.
    ///
    /// - Parameter time: milliseconds since 1970; nil: all messages.
    /// - Returns: the number of messages that are left unread.
    public func markRead(
        _ conversation: ConversationReference,
        upTo time: Int64?,
        as userID: Int64
    ) throws(StoreError) -> Int64 {
        let (id, code) = conversation.parameters
        return try write(
            { statements, _ throws(StoreError) in
                let row = try withStoreErrors { () throws(DatabaseError) in
                    try statements.markRead.row(userID, id, code, time)
                }
                guard let count = try checkOutcome(row, isAmong: ["read"]).unreadCount else {
                    throw .failed(.unexpectedOutcome)
                }
                return count
            },
            verify: { statements throws(StoreError) in
                try withStoreErrors { () throws(DatabaseError) in
                    try statements.verifyMarkRead.row(id, code, userID, time, time)?.unreadCount
                }
            }
        )
    }
}
