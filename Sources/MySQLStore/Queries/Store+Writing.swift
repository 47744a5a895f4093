// send_message and mark_read: one routine call each. What they do stands in schema.sql.

/// What a routine says it did: what it is for, or why not.
protocol HasOutcome {
    var outcome: String { get }
}

struct SendRow: DecodableRow, HasOutcome {
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

struct MarkReadRow: DecodableRow, HasOutcome {
    var outcome: String
    var unreadCount: Int64?

    init(_ row: inout RowReader) throws(DatabaseError) {
        outcome = try row.next()
        unreadCount = try row.next()
    }
}

enum WriteSQL {
    static let send = "CALL orbia_send_message(?, ?, ?, ?, ?, ?, ?, ?, ?)"
    static let markRead = "CALL orbia_mark_read(?, ?, ?, ?)"

    /// The message that a send has stored, as `send` answers with it; no row where there is none. Parameters: the
    /// conversation by id or by code, sender, key, and what the message says.
    static let sent = """
        SELECT 'sent', m.message_id, CAST(UNIX_TIMESTAMP(m.created_at) * 1000 AS SIGNED), u.nickname, u.avatar_url,
               m.status
        FROM orbia_message m
        LEFT JOIN orbia_user u ON u.id = m.sender_id
        WHERE m.conversation_id = \(conversation) AND m.sender_id = ? AND m.client_message_id = ?
          AND m.message_type = ? AND BINARY m.content = BINARY ? AND BINARY m.file_name <=> BINARY ?
          AND m.file_size <=> ? AND BINARY m.file_type <=> BINARY ?
        """

    /// Whether a membership is as `markRead` leaves it, as that answers; no row where it is not. Parameters: the
    /// conversation by id or by code, user, and twice the time up to which it was to be marked.
    static let markedRead = """
        SELECT 'read', m.unread_count
        FROM orbia_conversation_member m
        JOIN orbia_conversation c ON c.id = m.conversation_id
        WHERE m.conversation_id = \(conversation) AND m.user_id = ?
          AND m.last_read_at >= LEAST(c.last_message_at, COALESCE(
              FROM_UNIXTIME(GREATEST(?, 1000) / 1000), c.last_message_at))
          AND (? IS NOT NULL OR m.unread_count = 0)
        """

    private static let conversation = "COALESCE(?, (SELECT id FROM orbia_conversation WHERE conversation_id = ?))"
}

extension Store {
    /// Sends a message as `userID`, once, however often it is tried: by its key.
    public func send(
        _ message: NewMessage,
        to conversation: ConversationReference,
        as userID: Int64
    ) throws(StoreError) -> SentMessage {
        let key = message.clientMessageID ?? keys.next()
        let (id, code) = conversation.parameters
        return try write(
            { statements, mayBeDone throws(StoreError) in
                let row = try orFail { () throws(DatabaseError) in
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
                // Where an earlier attempt may have sent it, it is that one which is found.
                let isDuplicate = sent.outcome == "duplicate" && !mayBeDone
                return SentMessage(message: try stored(message, sent, by: userID), isDuplicate: isDuplicate)
            },
            settle: { statements throws(StoreError) in
                let row = try orFail { () throws(DatabaseError) in
                    try statements.sent.row(
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

    /// Marks as read for `userID` what came up to a time, in milliseconds since 1970, or all; gives how
    /// many messages are left unread.
    public func markRead(
        _ conversation: ConversationReference,
        upTo time: Int64?,
        as userID: Int64
    ) throws(StoreError) -> Int64 {
        let (id, code) = conversation.parameters
        return try write(
            { statements, _ throws(StoreError) in
                let row = try orFail { () throws(DatabaseError) in
                    try statements.markRead.row(userID, id, code, time)
                }
                guard let count = try checkOutcome(row, isAmong: ["read"]).unreadCount else {
                    throw .failed(.unexpectedOutcome)
                }
                return count
            },
            settle: { statements throws(StoreError) in
                try orFail { () throws(DatabaseError) in
                    try statements.markedRead.row(id, code, userID, time, time)?.unreadCount
                }
            }
        )
    }
}

/// A message that was sent, with what the database has given it.
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

/// The routine's row, where its outcome is a good one.
private func checkOutcome<Row: HasOutcome>(_ row: Row?, isAmong expected: [String]) throws(StoreError) -> Row {
    guard let row else { throw .failed(.unexpectedOutcome) }
    guard expected.contains(row.outcome) else {
        guard let refusal = Refusal(rawValue: row.outcome) else { throw .failed(.unexpectedOutcome) }
        throw .refused(refusal)
    }
    return row
}

extension DatabaseError {
    fileprivate static let unexpectedOutcome = unexpectedRow("the routine's answer is not one that this build knows")
}

extension ConversationReference {
    /// As the routines take it: one of the two is NULL.
    fileprivate var parameters: (id: Int64?, code: String?) {
        switch self {
        case .id(let id): (id, nil)
        case .code(let code): (nil, code)
        }
    }
}
