// POST get_conversation: one conversation with its members.

internal import MySQLStore

struct GetConversation: Endpoint {
    let conversation: ConversationReference

    init(_ fields: RequestFields) throws(APIError) {
        conversation = try fields.conversation()
    }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        let conversation = try store.conversation(conversation, for: userID)
        json.key("conversation")
        json.conversation(conversation)
    }
}
