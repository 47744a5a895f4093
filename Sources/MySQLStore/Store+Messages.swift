// get_messages: two statements, whatever the conversation's size.

enum MessageSQL {
    /// Newest first. Parameters: conversation, exclusive upper bound in milliseconds, limit.
    static let newest = """
        SELECT m.message_id, m.sender_id, u.nickname, u.avatar_url, m.message_type, m.content,
               m.file_name, m.file_size, m.file_type, m.status, CAST(UNIX_TIMESTAMP(m.created_at) * 1000 AS SIGNED)
        FROM orbia_message m
        LEFT JOIN orbia_user u ON u.id = m.sender_id
        WHERE m.conversation_id = ? AND m.created_at < FROM_UNIXTIME(? / 1000) AND m.deleted_at IS NULL
        ORDER BY m.created_at DESC, m.id DESC
        LIMIT ?
        """

    /// The last millisecond of a TIMESTAMP. FROM_UNIXTIME is NULL beyond it.
    static let endOfTime: Int64 = 2_147_483_647_999
}

extension Message: DecodableRow where Text == PageText {
    init(_ row: inout RowReader) throws(DatabaseError) {
        messageID = try row.next()
        senderID = try row.next()
        senderNickname = try row.next()
        senderAvatarURL = try row.next()
        type = try row.next()
        content = try row.next()
        fileName = try row.next()
        fileSize = try row.next()
        fileType = try row.next()
        status = try row.next()
        createdAt = try row.next()
    }
}

extension Store {
    /// The newest messages of a conversation, or the newest before `before`.
    ///
    /// - Parameters:
    ///   - before: milliseconds since 1970, exclusive; any integer.
    ///   - limit: how many at most, from 1.
    public func messages(
        of conversation: ConversationReference,
        for userID: Int64,
        before: Int64?,
        limit: Int
    ) throws(StoreError) -> MessagePage {
        try read { session throws(StoreError) in
            let id = try session.access.conversation(conversation, for: userID).id
            let bound = min(max(before ?? MessageSQL.endOfTime, 0), MessageSQL.endOfTime)
            // One more than asked for tells whether there are more.
            var (messages, texts) = try orFail { () throws(DatabaseError) in
                try session.messages.page(id, bound, Int64(limit) + 1)
            }
            let hasMore = messages.count > limit
            if hasMore { messages.removeLast() }
            messages.reverse()
            return MessagePage(messages: messages, texts: texts, hasMore: hasMore)
        }
    }
}
