// POST mark_read: marks a conversation's messages as read for the caller.

internal import MySQLStore

struct MarkRead: Endpoint {
    let conversation: ConversationReference
    /// The `created_at` of the newest message that the caller has seen; nil: all messages.
    let readUpTo: Int64?

    init(_ fields: RequestFields) throws(APIError) {
        conversation = try fields.conversation()
        readUpTo = try fields.integer("read_up_to", minimum: 0)
    }

    var namedConversation: ConversationReference? { conversation }
    var writtenConversation: ConversationReference? { conversation }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        json.member("unread_count", try store.markRead(conversation, upTo: readUpTo, as: userID))
    }
}
