// get_messages: two statements, whatever the conversation's size; one where nothing is new.

/// A conversation whose messages are to be read, and the database's time.
struct MessagesConversationRow: DecodableRow {
    /// For a conversation named c.
    static let columns = "c.id, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED), COALESCE(c.has_quotes, 0)"

    var id: Int64
    /// Milliseconds since 1970.
    var now: Int64
    /// Whether one of its messages quotes another one.
    var hasQuotes: Bool

    init(_ row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        now = try row.next()
        let quotes: Int64 = try row.next()
        hasQuotes = quotes != 0
    }
}

/// Whether a conversation has messages after a time.
struct NewerMessagesRow: DecodableRow {
    /// For a conversation named c. Their parameter stands before those of the join: an exclusive bound in milliseconds.
    static let columns = """
        \(MessagesConversationRow.columns),
        EXISTS (SELECT 1 FROM orbia_message n
                      WHERE n.conversation_id = c.id AND n.created_at > \(TimeSQL.time)
                        AND n.deleted_at IS NULL)
        """

    var conversation: MessagesConversationRow
    var hasNewer: Bool

    init(_ row: inout RowReader) throws(DatabaseError) {
        conversation = try MessagesConversationRow(&row)
        let count: Int64 = try row.next()
        hasNewer = count != 0
    }
}

extension Store {
    /// A page of a conversation's messages, the oldest first.
    ///
    /// - Parameter limit: the page's size, from 1. The page is larger where it would end between messages of one time.
    public func messages(
        of conversation: ConversationReference,
        for userID: Int64,
        _ cursor: MessageCursor,
        limit: Int
    ) throws(StoreError) -> MessagePage {
        switch cursor {
        case .before(let time):
            try read(.messages) { statements throws(StoreError) in
                let reference = conversation
                let conversation = try statements.membership.conversation(reference, for: userID)
                remember(conversation.id, for: reference)
                var found = try withStoreErrors { () throws(DatabaseError) in
                    try statements.messagesBackward.messages(
                        of: conversation.id,
                        from: time,
                        limit: limit,
                        hasQuotes: conversation.hasQuotes
                    )
                }
                found.messages.reverse()
                return page(found, of: conversation, for: userID)
            }
        case .after(let time):
            try read(.messages) { statements throws(StoreError) in
                let found = try statements.membershipAndNewer.conversation(conversation, for: userID, after: time)
                let id = found.conversation.id
                remember(id, for: conversation)
                guard found.hasNewer else { return MessagePage(of: id, [], texts: [], hasMore: false) }
                let messages = try withStoreErrors { () throws(DatabaseError) in
                    try statements.messagesForward.messages(
                        of: id,
                        from: time,
                        limit: limit,
                        hasQuotes: found.conversation.hasQuotes
                    )
                }
                return page(messages, of: found.conversation, for: userID)
            }
        }
    }

    private func page(
        _ found: FoundMessages,
        of conversation: MessagesConversationRow,
        for userID: Int64
    ) -> MessagePage {
        var messages = found.messages
        messages.setRecallTimes(recallTimes, for: userID, texts: found.texts, now: conversation.now)
        return MessagePage(of: conversation.id, messages, texts: found.texts, hasMore: found.hasMore)
    }
}
