// send_message: one call of a routine. schema/09-writing.sql has the routine.

enum SendMessageSQL {
    static let send = Routine.sendMessage.call("?, ?, ?, ?, ?, ?, ?, ?, ?")

    /// Finds the message that a send has stored. The row is that of the routine; there is none where nothing was
    /// stored. Parameters: the conversation's id and code, the sender, the key, and the parts of the message.
    static let verifySend = """
        SELECT 'sent', m.message_id, CAST(UNIX_TIMESTAMP(m.created_at) * 1000 AS SIGNED), u.nickname, u.avatar_url,
               m.status
        FROM orbia_message m
        LEFT JOIN orbia_user u ON u.id = m.sender_id
        WHERE m.conversation_id = \(ConversationReference.idOfParameters) AND m.sender_id = ? AND m.client_message_id = ?
          AND m.message_type = ? AND BINARY m.content = BINARY ? AND BINARY m.file_name <=> BINARY ?
          AND m.file_size <=> ? AND BINARY m.file_type <=> BINARY ?
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

    init(_ row: inout RowReader) throws(DatabaseError) {
        outcome = try row.next()
        messageID = try row.next()
        createdAt = try row.next()
        senderNickname = try row.next()
        senderAvatarURL = try row.next()
        status = try row.next()
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
                        key
                    )
                }
                let sent = try checkOutcome(row, isAmong: ["sent", "duplicate"])
                // An attempt in doubt may have sent it, and is then found here as a duplicate.
                let isDuplicate = sent.outcome == "duplicate" && !isInDoubt
                return SentMessage(message: try stored(message, sent, by: userID), isDuplicate: isDuplicate)
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
                        message.fileType
                    )
                }
                guard let row else { return nil }
                return SentMessage(message: try stored(message, row, by: userID), isDuplicate: false)
            }
        )
    }
}

/// The message as it is stored, with the id, time and status that the database gave it.
private func stored(_ message: NewMessage, _ row: SendRow, by userID: Int64) throws(StoreError) -> Message<String> {
    guard let messageID = row.messageID, let createdAt = row.createdAt, let status = row.status else {
        throw .failed(.unexpectedOutcome)
    }
    return Message<String>(
        messageID: messageID,
        senderID: userID,
        senderNickname: row.senderNickname,
        senderAvatarURL: row.senderAvatarURL,
        type: message.type,
        content: message.content,
        fileName: message.fileName,
        fileSize: message.fileSize,
        fileType: message.fileType,
        status: status,
        createdAt: createdAt,
        clientMessageID: message.clientMessageID
    )
}
