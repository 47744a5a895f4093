// recall_message: one call of a routine. schema/09-writing.sql has the routine.

enum RecallMessageSQL {
    static let recall = Routine.recallMessage.call("?, ?, ?, ?, ?, ?")

    /// Finds the system message of a recall. The row is that of the routine; there is none where nothing was recalled.
    /// Parameters: the conversation's id and code, the message's id, the sender.
    static let verifyRecall = """
        SELECT 'recalled', s.message_id, CAST(UNIX_TIMESTAMP(s.created_at) * 1000 AS SIGNED), u.nickname, u.avatar_url,
               s.content, s.event
        FROM orbia_message m
        JOIN orbia_message s ON s.conversation_id = m.conversation_id AND s.sender_id = m.sender_id
          AND s.client_message_id = CONCAT('\(NewMessage.reservedKeyPrefix)recall:', m.id)
        LEFT JOIN orbia_user u ON u.id = s.sender_id
        WHERE m.conversation_id = \(ConversationReference.idOfParameters) AND m.message_id = CONVERT(? USING ascii)
          AND m.sender_id = ? AND m.recalled_at IS NOT NULL
        """
}

/// The answer of orbia_recall_message.
struct RecallRow: DecodableRow, RoutineRow {
    var outcome: String
    var messageID: String?
    /// Milliseconds since 1970.
    var createdAt: Int64?
    var senderNickname: String?
    var senderAvatarURL: String?
    var content: String?
    var event: String?

    init(_ row: inout RowReader) throws(DatabaseError) {
        outcome = try row.next()
        messageID = try row.next()
        createdAt = try row.next()
        senderNickname = try row.next()
        senderAvatarURL = try row.next()
        content = try row.next()
        event = try row.next()
    }
}

extension Store {
    /// Recalls a message that `userID` has sent.
    ///
    /// - Parameter messageID: its `message_id`.
    /// - Returns: the system message that tells it; the same one where it was recalled before.
    public func recall(
        _ messageID: String,
        in conversation: ConversationReference,
        as userID: Int64
    ) throws(StoreError) -> Message<String> {
        let (id, code) = conversation.parameters
        return try write(
            { statements, _ throws(StoreError) in
                let row = try withStoreErrors { () throws(DatabaseError) in
                    try statements.recall.row(
                        userID,
                        id,
                        code,
                        messageID,
                        recallTimes.text.milliseconds,
                        recallTimes.file.milliseconds
                    )
                }
                return try systemMessage(checkOutcome(row, isAmong: ["recalled"]), by: userID)
            },
            verify: { statements throws(StoreError) in
                let row = try withStoreErrors { () throws(DatabaseError) in
                    try statements.verifyRecall.row(id, code, messageID, userID)
                }
                guard let row else { return nil }
                return try systemMessage(row, by: userID)
            }
        )
    }

    private func systemMessage(_ row: RecallRow, by userID: Int64) throws(StoreError) -> Message<String> {
        guard let messageID = row.messageID, let createdAt = row.createdAt, let content = row.content else {
            throw .failed(.unexpectedOutcome)
        }
        return Message<String>(
            messageID: messageID,
            senderID: userID,
            senderNickname: row.senderNickname,
            senderAvatarURL: row.senderAvatarURL,
            type: "system",
            content: content,
            status: "sent",
            createdAt: createdAt,
            event: row.event
        )
    }
}
