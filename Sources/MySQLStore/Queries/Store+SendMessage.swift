// send_message: one call of a routine. schema/09-writing.sql has the routine.

enum SendMessageSQL {
    static let send = Routine.sendMessage.call("?, ?, ?, ?, ?, ?, ?, ?, ?, ?, FALSE")

    /// Finds the message that a send has stored. The row is that of the routine; there is none where nothing was
    /// stored. Parameters: the conversation's id and code, the sender, the key, the parts of the message, and the message
    /// that it quotes.
    static let verifySend = """
        SELECT 'sent', m.message_id, CAST(UNIX_TIMESTAMP(m.created_at) * 1000 AS SIGNED), u.nickname, u.avatar_url,
               m.status, m.recalled_at IS NOT NULL, IF(m.reply_to IS NULL, NULL, \(MessageSQL.quote)),
               CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)
        FROM orbia_message m
        \(MessageSQL.joins)
        WHERE m.conversation_id = \(ConversationReference.idOfParameters) AND m.sender_id = ? AND m.client_message_id = ?
          AND m.message_type = ? AND BINARY m.content = BINARY ? AND BINARY m.file_name <=> BINARY ?
          AND m.file_size <=> ? AND BINARY m.file_type <=> BINARY ? AND BINARY q.message_id <=> BINARY ?
        """
}

/// The answer of orbia_send_message.
struct SendRow: DecodableRow, RoutineRow {
    var outcome: String
    var messageID: String?
    /// Milliseconds since 1970.
    var createdAt: Int64?
    var senderNickname: String?
    var senderAvatarURL: String?
    var status: String?
    var isRecalled: Bool
    /// A JSON object.
    var quote: String?
    /// The database's time in milliseconds since 1970.
    var now: Int64

    init(_ row: inout RowReader) throws(DatabaseError) {
        outcome = try row.next()
        messageID = try row.next()
        createdAt = try row.next()
        senderNickname = try row.next()
        senderAvatarURL = try row.next()
        status = try row.next()
        let recalled: Int64 = try row.next()
        isRecalled = recalled != 0
        quote = try row.next()
        now = try row.next()
    }
}

extension Store {
    /// Sends a message as `userID`. It is stored once, however often the store has to try: its key sees to that.
    public func send(
        _ message: NewMessage,
        to conversation: ConversationReference,
        as userID: Int64
    ) throws(StoreError) -> SentMessage {
        let key = message.clientMessageID ?? sendKeys.next()
        let (id, code) = conversation.parameters
        return try write(
            { statements, isInDoubt throws(StoreError) in
                let row = try withStoreErrors { () throws(DatabaseError) in
                    try statements.send.row(
                        userID,
                        id,
                        code,
                        message.type,
                        message.content,
                        message.fileName,
                        message.fileSize,
                        message.fileType,
                        key,
                        message.replyTo
                    )
                }
                let sent = try checkOutcome(row, isAmong: ["sent", "duplicate"])
                // An attempt in doubt may have sent it, and is then found here as a duplicate.
                let isDuplicate = sent.outcome == "duplicate" && !isInDoubt
                return try stored(message, sent, by: userID, isDuplicate: isDuplicate)
            },
            verify: { statements throws(StoreError) in
                let row = try withStoreErrors { () throws(DatabaseError) in
                    try statements.verifySend.row(
                        id,
                        code,
                        userID,
                        key,
                        message.type,
                        message.content,
                        message.fileName,
                        message.fileSize,
                        message.fileType,
                        message.replyTo
                    )
                }
                guard let row else { return nil }
                return try stored(message, row, by: userID, isDuplicate: false)
            }
        )
    }

    /// The message as it is stored, with the id, time and status that the database gave it. One that was recalled since
    /// has no content any more.
    private func stored(
        _ message: NewMessage,
        _ row: SendRow,
        by userID: Int64,
        isDuplicate: Bool
    ) throws(StoreError) -> SentMessage {
        guard let messageID = row.messageID, let createdAt = row.createdAt, let status = row.status else {
            throw .failed(.unexpectedOutcome)
        }
        let isShown = !row.isRecalled
        let stored = Message<String>(
            messageID: messageID,
            senderID: userID,
            senderNickname: row.senderNickname,
            senderAvatarURL: row.senderAvatarURL,
            type: message.type,
            content: isShown ? message.content : "",
            fileName: isShown ? message.fileName : nil,
            fileSize: isShown ? message.fileSize : nil,
            fileType: isShown ? message.fileType : nil,
            status: status,
            createdAt: createdAt,
            clientMessageID: message.clientMessageID,
            quote: isShown ? row.quote : nil,
            recallableUntil: isShown
                ? recallTimes.end(ofText: message.type == "text", createdAt: createdAt, now: row.now) : nil
        )
        return SentMessage(message: stored, isDuplicate: isDuplicate, isRecalled: row.isRecalled)
    }
}
