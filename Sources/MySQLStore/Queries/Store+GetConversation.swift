// get_conversation: two statements, whatever the number of members.

enum ConversationSQL {
    /// The columns of `Conversation`, of a conversation named c and a membership named m. Where a column of the
    /// platform's is NULL, its default in schema.sql stands for it; a time may be finer than seconds.
    static let columns = """
        c.id, c.conversation_id, c.title, COALESCE(c.type, 'general'), c.related_order_type, c.related_order_id, \
        COALESCE(c.status, 'active'), CAST(UNIX_TIMESTAMP(c.last_message_at) * 1000 AS SIGNED), \
        CAST(FLOOR(UNIX_TIMESTAMP(c.created_at)) AS SIGNED), \
        COALESCE(m.unread_count, 0)
        """

    /// The columns of `Member`, of a membership named m and a user named u.
    static let memberColumns = """
        m.user_id, u.nickname, u.avatar_url, COALESCE(m.role, 'member'), \
        CAST(FLOOR(UNIX_TIMESTAMP(m.joined_at)) AS SIGNED), \
        CAST(UNIX_TIMESTAMP(m.last_read_at) * 1000 AS SIGNED)
        """

    /// The conversations of an order and a type whose member the caller is, and the caller's status; without one, the
    /// status alone. There are several where the key is missing that gives an order one of a type. The id is compared in
    /// ASCII, which goes with every character set and collation of the column. Parameters: the order's id, the type, the
    /// user.
    static let ofOrder = """
        SELECT COALESCE(u.status, ''), m.user_id, \(columns)
        FROM orbia_user u
        LEFT JOIN (orbia_conversation c JOIN orbia_conversation_member m ON m.conversation_id = c.id)
          ON c.related_order_id = CONVERT(? USING ascii) AND c.type = ? AND c.deleted_at IS NULL AND m.user_id = u.id
        WHERE u.id = ?
        """

    /// The members in the order in which they joined. Parameter: the conversation.
    static let members = """
        SELECT \(memberColumns)
        FROM orbia_conversation_member m
        LEFT JOIN orbia_user u ON u.id = m.user_id
        WHERE m.conversation_id = ?
        ORDER BY m.id
        """
}

extension Conversation: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        code = try row.next()
        title = try row.next()
        type = try row.next()
        relatedOrderType = try row.next()
        relatedOrderID = try row.next()
        status = try row.next()
        lastMessageAt = try row.next()
        createdAt = try row.next()
        unreadCount = try row.next()
    }
}

extension Member: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        userID = try row.next()
        nickname = try row.next()
        avatarURL = try row.next()
        role = try row.next()
        joinedAt = try row.next()
        lastReadAt = try row.next()
    }
}

extension Store {
    /// A conversation with its members, as `userID` sees it.
    public func conversation(
        _ reference: ConversationReference,
        for userID: Int64
    ) throws(StoreError) -> Conversation {
        try read(.conversation) { statements throws(StoreError) in
            let found = try statements.conversation.conversation(reference, for: userID)
            remember(found.id, for: reference)
            return try statements.addMembers(to: found)
        }
    }

    /// The conversation of an order with its members; of several, the newest. Who is no member is told that there is
    /// none, since nobody is to learn of another's order.
    public func conversation(of order: OrderReference, for userID: Int64) throws(StoreError) -> Conversation {
        try read(.conversation) { statements throws(StoreError) in
            let rows = try withStoreErrors { () throws(DatabaseError) in
                try statements.conversationOfOrder.rows(order.id, order.type.rawValue, userID)
            }
            _ = try checkUser(rows.first)
            guard let newest = rows.compactMap(\.conversation).max(by: { $0.id < $1.id }) else {
                throw .refused(.noConversation)
            }
            return try statements.addMembers(to: newest)
        }
    }
}

extension PreparedStatements {
    fileprivate func addMembers(to conversation: Conversation) throws(StoreError) -> Conversation {
        var conversation = conversation
        conversation.members = try withStoreErrors { () throws(DatabaseError) in try members.rows(conversation.id) }
        return conversation
    }
}
