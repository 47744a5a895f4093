// POST mark_read: resets the caller's unread count in a conversation.

internal import MySQLStore

struct MarkRead: Endpoint {
    let conversation: ConversationReference

    init(_ fields: Fields) throws(APIError) {
        conversation = try fields.conversation()
    }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        try store.markRead(conversation, as: userID)
    }
}
