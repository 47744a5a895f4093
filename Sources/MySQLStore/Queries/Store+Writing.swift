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
        return try write { session, mayBeDone throws(StoreError) in
            let row = try orFail { () throws(DatabaseError) in
                try session.send.row(
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
            guard let messageID = sent.messageID, let createdAt = sent.createdAt, let status = sent.status else {
                throw .failed(.unexpectedOutcome)
            }
            let stored = Message<String>(
                messageID: messageID,
                senderID: userID,
                senderNickname: sent.senderNickname,
                senderAvatarURL: sent.senderAvatarURL,
                type: message.type,
                content: message.content,
                fileName: message.fileName,
                fileSize: message.fileSize,
                fileType: message.fileType,
                status: status,
                createdAt: createdAt,
                clientMessageID: message.clientMessageID
            )
            // Where an earlier attempt may have sent it, it is that one which is found.
            return SentMessage(message: stored, isDuplicate: sent.outcome == "duplicate" && !mayBeDone)
        }
    }

    /// Marks as read for `userID` what came up to a time, in milliseconds since 1970, or all; gives how
    /// many messages are left unread.
    public func markRead(
        _ conversation: ConversationReference,
        upTo time: Int64?,
        as userID: Int64
    ) throws(StoreError) -> Int64 {
        let (id, code) = conversation.parameters
        return try write { session, _ throws(StoreError) in
            let row = try orFail { () throws(DatabaseError) in try session.markRead.row(userID, id, code, time) }
            guard let count = try checkOutcome(row, isAmong: ["read"]).unreadCount else {
                throw .failed(.unexpectedOutcome)
            }
            return count
        }
    }
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
