// get_messages: two statements, whatever the conversation's size; one where nothing is new.

/// A conversation's id, and whether it has messages after a time.
struct NewerMessagesRow: DecodableRow {
    /// For a conversation named c. Their parameter stands before those of the join: an exclusive bound in milliseconds.
    static let columns = """
        c.id, EXISTS (SELECT 1 FROM orbia_message n
                      WHERE n.conversation_id = c.id AND n.created_at > FROM_UNIXTIME(? / 1000)
                        AND n.deleted_at IS NULL)
        """

    var id: Int64
    var hasNewer: Bool

    init(_ row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
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
                let id = try statements.membership.conversation(conversation, for: userID).id
                let found = try withStoreErrors { () throws(DatabaseError) in
                    try statements.messagesBackward.messages(of: id, from: time.map(Self.bound), limit: limit)
                }
                return MessagePage(of: id, found.messages.reversed(), texts: found.texts, hasMore: found.hasMore)
            }
        case .after(let time):
            try read(.messages) { statements throws(StoreError) in
                let bound = Self.bound(time)
                let found = try statements.membershipAndNewer.conversation(conversation, for: userID, after: bound)
                guard found.hasNewer else { return MessagePage(of: found.id, [], texts: [], hasMore: false) }
                let page = try withStoreErrors { () throws(DatabaseError) in
                    try statements.messagesForward.messages(of: found.id, from: bound, limit: limit)
                }
                return MessagePage(of: found.id, page.messages, texts: page.texts, hasMore: page.hasMore)
            }
        }
    }

    /// No message is older than 1970, and FROM_UNIXTIME knows no earlier time.
    private static func bound(_ time: Int64) -> Int64 {
        max(time, 0)
    }
}
