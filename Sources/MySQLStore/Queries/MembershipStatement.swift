// The check whether a user may read a conversation: user, conversation and membership in one join.

/// A row that has the caller's status. No row is found where there is no such user.
protocol UserStatusRow {
    var userStatus: String { get }
}

/// Returns the row where it exists and its user may call the API.
func checkUser<Row: UserStatusRow>(_ row: Row?) throws(StoreError) -> Row {
    guard let row else { throw .refused(.unknownUser) }
    guard row.userStatus == "normal" else { throw .refused(.userNotNormal) }
    return row
}

/// The columns that decide about access, and the ones of the conversation.
struct MembershipRow<Found: DecodableRow>: DecodableRow, UserStatusRow {
    var userStatus: String
    /// The user's id; nil where the user is not a member.
    var memberID: Int64?
    /// nil where there is no such conversation.
    var conversation: Found?

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        memberID = try row.next()
        conversation = try row.leftJoined()
    }
}

/// The statement that reads a conversation for one of its members, for both ways to name the conversation.
struct MembershipStatement<Found: DecodableRow>: Preparable {
    private let byID: Statement<MembershipRow<Found>>
    private let byCode: Statement<MembershipRow<Found>>

    /// - Parameter columns: the columns of `Found`, of a conversation named c and a membership named m. The first of them
    ///   must never be NULL.
    init(_ connection: Connection, columns: String) {
        byID = .reading(connection, Self.sql(columns, conversationColumn: "id"))
        byCode = .reading(connection, Self.sql(columns, conversationColumn: "conversation_id"))
    }

    func prepare() throws(DatabaseError) {
        try byID.prepare()
        try byCode.prepare()
    }

    /// The conversation, where `userID` may read it.
    func conversation(_ reference: ConversationReference, for userID: Int64) throws(StoreError) -> Found {
        try check { () throws(DatabaseError) in
            switch reference {
            case .id(let id): try byID.row(id, userID)
            case .code(let code): try byCode.row(code, userID)
            }
        }
    }

    /// The conversation, where `userID` may read it. The time is the parameter of the columns.
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

    /// The conversation, where `userID` may read it. The columns are those of `SearchedConversationRow`, with its
    /// parameters.
    func conversation(
        _ reference: ConversationReference,
        for userID: Int64,
        from begin: SearchCursor.MessagePosition,
        step: Int
    ) throws(StoreError) -> Found {
        let (time, message, offset) = (begin.time, begin.id, Int64(step - 1))
        return try check { () throws(DatabaseError) in
            switch reference {
            case .id(let id): try byID.row(time, time, message, offset, id, userID)
            case .code(let code): try byCode.row(time, time, message, offset, code, userID)
            }
        }
    }

    private func check(_ find: () throws(DatabaseError) -> MembershipRow<Found>?) throws(StoreError) -> Found {
        let row = try checkUser(try withStoreErrors(find))
        guard let conversation = row.conversation else { throw .refused(.noConversation) }
        guard row.memberID != nil else { throw .refused(.notAMember) }
        return conversation
    }

    /// Parameters: the conversation's id or code, and the user.
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
