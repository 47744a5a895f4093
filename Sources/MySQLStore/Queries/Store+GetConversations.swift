// get_conversations: three statements, whatever the number of conversations and members.

enum ConversationListSQL {
    /// The lengths of the two IN lists that are kept prepared: the default page and the largest one.
    static let defaultPageSize = 20
    static let largestPageSize = 100

    /// Counts conversations and unread messages on the member table's indexes alone, without softly deleted
    /// conversations. Unread messages are counted over all types. Parameters: the type where `ofType`, and the user.
    static func count(ofType: Bool) -> String {
        let deleted = "(SELECT d.id FROM orbia_conversation d WHERE d.deleted_at IS NOT NULL)"
        let total =
            ofType
            ? """
            (SELECT COUNT(*) FROM orbia_conversation_member t
             WHERE t.user_id = u.id AND t.conversation_type = ? AND t.conversation_id NOT IN \(deleted))
            """
            : "COUNT(m.user_id)"
        return """
            SELECT COALESCE(u.status, ''), \(total), CAST(COALESCE(SUM(m.unread_count), 0) AS SIGNED)
            FROM orbia_user u
            LEFT JOIN orbia_conversation_member m ON m.user_id = u.id AND m.conversation_id NOT IN \(deleted)
            WHERE u.id = ?
            GROUP BY u.id
            """
    }

    /// Finds the page on the member table's index first; only its conversations are then read in full, each with its
    /// newest message. Parameters: the user, the type where `ofType`, the limit, the offset.
    static func page(ofType: Bool) -> String {
        """
        SELECT \(ConversationSQL.columns),
               n.message_id, n.sender_id, u.nickname, COALESCE(n.message_type, 'text'), COALESCE(n.content, ''),
               CAST(UNIX_TIMESTAMP(n.created_at) * 1000 AS SIGNED)
        FROM (SELECT m.conversation_id, m.unread_count, m.last_activity_at
              FROM orbia_conversation_member m
              STRAIGHT_JOIN orbia_conversation k ON k.id = m.conversation_id AND k.deleted_at IS NULL
              WHERE m.user_id = ? \(ofType ? "AND m.conversation_type = ?" : "")
              ORDER BY m.last_activity_at DESC, m.conversation_id DESC
              LIMIT ? OFFSET ?) m
        STRAIGHT_JOIN orbia_conversation c ON c.id = m.conversation_id
        LEFT JOIN orbia_message n ON n.id = (
            SELECT x.id FROM orbia_message x
            WHERE x.conversation_id = m.conversation_id AND x.deleted_at IS NULL
            ORDER BY x.created_at DESC, x.id DESC
            LIMIT 1)
        LEFT JOIN orbia_user u ON u.id = n.sender_id
        ORDER BY m.last_activity_at DESC, m.conversation_id DESC
        """
    }

    /// The members of `count` conversations, in the order in which they joined. Parameters: the conversations.
    static func members(of count: Int) -> String {
        """
        SELECT m.conversation_id, \(ConversationSQL.memberColumns)
        FROM orbia_conversation_member m
        LEFT JOIN orbia_user u ON u.id = m.user_id
        WHERE m.conversation_id IN (?\(String(repeating: ",?", count: count - 1)))
        ORDER BY m.id
        """
    }
}

/// The caller's status, and the numbers of conversations and of unread messages.
struct ConversationCountRow: DecodableRow, UserStatusRow {
    var userStatus: String
    var total: Int64
    var totalUnread: Int64

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        total = try row.next()
        totalUnread = try row.next()
    }
}

/// A conversation with its newest message.
struct ConversationListRow: DecodableRow {
    var conversation: Conversation

    init(_ row: inout RowReader) throws(DatabaseError) {
        conversation = try Conversation(&row)
        conversation.lastMessage = try row.leftJoined()
    }
}

extension LastMessage: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        messageID = try row.next()
        senderID = try row.next()
        senderNickname = try row.next()
        type = try row.next()
        content = try row.next()
        createdAt = try row.next()
    }
}

/// A member of one of several conversations.
struct ConversationMemberRow: DecodableRow {
    var conversationID: Int64
    var member: Member

    init(_ row: inout RowReader) throws(DatabaseError) {
        conversationID = try row.next()
        member = try Member(&row)
    }
}

extension Store {
    /// One page of a user's conversations, latest activity first.
    ///
    /// - Parameters:
    ///   - type: the type of the conversations; nil: every type.
    ///   - page: from 1.
    ///   - pageSize: from 1 to 100.
    public func conversations(
        of userID: Int64,
        type: String?,
        page: Int64,
        pageSize: Int64
    ) throws(StoreError) -> ConversationPage {
        precondition(page >= 1 && (1...Int64(ConversationListSQL.largestPageSize)).contains(pageSize))
        return try read(.conversationList) { statements throws(StoreError) in
            let counted = try withStoreErrors { () throws(DatabaseError) in
                if let type {
                    try statements.conversationCountOfType.row(type, userID)
                } else {
                    try statements.conversationCount.row(userID)
                }
            }
            let counts = try checkUser(counted)
            let total = counts.total
            let (offset, overflow) = (page - 1).multipliedReportingOverflow(by: pageSize)
            // Behind its end the database would walk along the whole list to find nothing.
            guard !overflow, offset < total else {
                return ConversationPage(conversations: [], total: total, totalUnread: counts.totalUnread)
            }
            return try withStoreErrors { () throws(DatabaseError) in
                let rows =
                    if let type {
                        try statements.conversationPageOfType.rows(userID, type, pageSize, offset)
                    } else {
                        try statements.conversationPage.rows(userID, pageSize, offset)
                    }
                var conversations = rows.map(\.conversation)
                try statements.addMembers(to: &conversations)
                return ConversationPage(conversations: conversations, total: total, totalUnread: counts.totalUnread)
            }
        }
    }
}

extension PreparedStatements {
    fileprivate func addMembers(to conversations: inout [Conversation]) throws(DatabaseError) {
        guard let last = conversations.last else { return }
        let fitsDefault = conversations.count <= ConversationListSQL.defaultPageSize
        var ids = conversations.map(\.id)
        // The rest of the IN list repeats a conversation, which is read once all the same.
        let listLength = fitsDefault ? ConversationListSQL.defaultPageSize : ConversationListSQL.largestPageSize
        ids.append(contentsOf: repeatElement(last.id, count: listLength - ids.count))
        var places: [Int64: Int] = [:]
        for (place, conversation) in conversations.enumerated() { places[conversation.id] = place }
        for row in try (fitsDefault ? membersOfDefaultPage : membersOfLargestPage).rows(forEach: ids) {
            guard let place = places[row.conversationID] else { continue }
            conversations[place].members.append(row.member)
        }
    }
}
