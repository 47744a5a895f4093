// POST mark_read: marks as read what the caller has seen of a conversation.

internal import MySQLStore

struct MarkRead: Endpoint {
    let conversation: ConversationReference
    /// `created_at` of the newest message that was seen; nil: all are.
    let readUpTo: Int64?

    init(_ fields: Fields) throws(APIError) {
        conversation = try fields.conversation()
        readUpTo = try fields.integer("read_up_to", minimum: 0)
    }

    var writtenConversation: ConversationReference? { conversation }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        json.member("unread_count", try store.markRead(conversation, upTo: readUpTo, as: userID))
    }
}
