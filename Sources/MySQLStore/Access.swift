// Who may read a conversation: the caller's user row, the conversation and the membership in one join.

/// What decides about access.
struct AccessRow: DecodableRow, HasUserStatus {
    var userStatus: String
    /// nil: there is no such conversation.
    var conversationID: Int64?
    /// nil: the user is not a member.
    var memberID: Int64?

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        conversationID = try row.next()
        memberID = try row.next()
    }
}

enum AccessSQL {
    /// Parameters: conversation, user.
    static func access(conversationColumn column: String) -> String {
        """
        SELECT u.status, c.id, m.user_id
        FROM orbia_user u
        LEFT JOIN orbia_conversation c ON c.\(column) = ? AND c.deleted_at IS NULL
        LEFT JOIN orbia_conversation_member m ON m.conversation_id = c.id AND m.user_id = u.id
        WHERE u.id = ?
        """
    }
}

extension Session {
    /// The conversation's id, where `userID` may read it.
    func access(to conversation: ConversationReference, by userID: Int64) throws(StoreError) -> Int64 {
        let row = try orFail { () throws(DatabaseError) in
            switch conversation {
            case .id(let id): try accessByID.row(id, userID)
            case .code(let code): try accessByCode.row(code, userID)
            }
        }
        let access = try checkUser(row)
        guard let id = access.conversationID else { throw .refused(.noConversation) }
        guard access.memberID != nil else { throw .refused(.notAMember) }
        return id
    }
}

/// A row that begins with the caller's status, and is not there where there is no such user.
protocol HasUserStatus {
    var userStatus: String { get }
}

/// The row, where it exists and says that its user may call the API.
func checkUser<Row: HasUserStatus>(_ row: Row?) throws(StoreError) -> Row {
    guard let row else { throw .refused(.unknownUser) }
    guard row.userStatus == "normal" else { throw .refused(.userNotNormal) }
    return row
}

/// The statement's value; a database error becomes the store's.
func orFail<Value>(_ body: () throws(DatabaseError) -> Value) throws(StoreError) -> Value {
    do {
        return try body()
    } catch {
        throw .failed(error)
    }
}
