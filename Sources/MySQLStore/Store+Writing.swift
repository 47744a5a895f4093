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

    init(_ row: inout RowReader) throws(DatabaseError) {
        outcome = try row.next()
        messageID = try row.next()
        createdAt = try row.next()
        senderNickname = try row.next()
        senderAvatarURL = try row.next()
    }
}

struct MarkReadRow: DecodableRow, HasOutcome {
    var outcome: String

    init(_ row: inout RowReader) throws(DatabaseError) {
        outcome = try row.next()
    }
}

enum WriteSQL {
    static let send = "CALL orbia_send_message(?, ?, ?, ?, ?, ?, ?, ?)"
    static let markRead = "CALL orbia_mark_read(?, ?, ?)"
}

extension Store {
    /// Sends a message as `userID`; gives it as it was stored.
    public func send(
        _ message: NewMessage,
        to conversation: ConversationReference,
        as userID: Int64
    ) throws(StoreError) -> Message<String> {
        try write { session throws(StoreError) in
            let (id, code) = conversation.parameters
            let row = try orFail { () throws(DatabaseError) in
                try session.send.row(
                    userID,
                    id,
                    code,
                    message.type,
                    message.content,
                    message.fileName,
                    message.fileSize,
                    message.fileType
                )
            }
            let sent = try checkOutcome(row, is: "sent")
            guard let messageID = sent.messageID, let createdAt = sent.createdAt else {
                throw .failed(.unexpectedOutcome)
            }
            return Message(
                messageID: messageID,
                senderID: userID,
                senderNickname: sent.senderNickname,
                senderAvatarURL: sent.senderAvatarURL,
                type: message.type,
                content: message.content,
                fileName: message.fileName,
                fileSize: message.fileSize,
                fileType: message.fileType,
                status: "sent",
                createdAt: createdAt
            )
        }
    }

    /// Resets the unread count of `userID` in a conversation.
    public func markRead(_ conversation: ConversationReference, as userID: Int64) throws(StoreError) {
        try write { session throws(StoreError) in
            let (id, code) = conversation.parameters
            let row = try orFail { () throws(DatabaseError) in try session.markRead.row(userID, id, code) }
            _ = try checkOutcome(row, is: "read")
        }
    }
}

/// The routine's row, where its outcome is the good one.
private func checkOutcome<Row: HasOutcome>(_ row: Row?, is expected: String) throws(StoreError) -> Row {
    guard let row else { throw .failed(.unexpectedOutcome) }
    guard row.outcome == expected else {
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
