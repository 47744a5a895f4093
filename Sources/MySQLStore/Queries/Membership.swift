// Who may read a conversation: the caller's user row, the conversation and the membership in one join.

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

/// What decides about access, and what is read of the conversation.
struct MembershipRow<Found: DecodableRow>: DecodableRow, HasUserStatus {
    var userStatus: String
    /// nil: the user is not a member.
    var memberID: Int64?
    /// nil: there is no such conversation.
    var conversation: Found?

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        memberID = try row.next()
        conversation = try row.rest()
    }
}

/// A conversation of which nothing but its id is wanted.
struct ConversationID: DecodableRow {
    static let columns = "c.id"

    var id: Int64

    init(_ row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
    }
}

/// Reads a conversation for one of its members: prepared for both ways to name it.
struct MembershipStatement<Found: DecodableRow> {
    private let byID: Statement<MembershipRow<Found>>
    private let byCode: Statement<MembershipRow<Found>>

    /// - Parameter columns: of a conversation named c and a membership named m; those of `Found`, the
    ///   first of them never NULL.
    init(_ connection: Connection, columns: String) {
        byID = .reading(connection, Self.sql(columns, conversationColumn: "id"))
        byCode = .reading(connection, Self.sql(columns, conversationColumn: "conversation_id"))
    }

    /// Both of them.
    var all: [any Preparable] { [byID, byCode] }

    /// The conversation, where `userID` may read it.
    func conversation(_ reference: ConversationReference, for userID: Int64) throws(StoreError) -> Found {
        try check { () throws(DatabaseError) in
            switch reference {
            case .id(let id): try byID.row(id, userID)
            case .code(let code): try byCode.row(code, userID)
            }
        }
    }

    /// The conversation, where `userID` may read it, by a statement whose columns have a parameter.
    func conversation(
        _ reference: ConversationReference,
        for userID: Int64,
        after time: Int64
    ) throws(StoreError) -> Found {
        try check { () throws(DatabaseError) in
            switch reference {
            case .id(let id): try byID.row(time, id, userID)
            case .code(let code): try byCode.row(time, code, userID)
            }
        }
    }

    private func check(_ find: () throws(DatabaseError) -> MembershipRow<Found>?) throws(StoreError) -> Found {
        let row = try checkUser(try orFail(find))
        guard let conversation = row.conversation else { throw .refused(.noConversation) }
        guard row.memberID != nil else { throw .refused(.notAMember) }
        return conversation
    }

    /// Parameters: conversation, user.
    private static func sql(_ columns: String, conversationColumn column: String) -> String {
        """
        SELECT COALESCE(u.status, ''), m.user_id, \(columns)
        FROM orbia_user u
        LEFT JOIN orbia_conversation c ON c.\(column) = ? AND c.deleted_at IS NULL
        LEFT JOIN orbia_conversation_member m ON m.conversation_id = c.id AND m.user_id = u.id
        WHERE u.id = ?
        """
    }
}
