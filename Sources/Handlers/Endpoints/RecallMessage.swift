// POST recall_message: takes back a message that the caller has sent.

internal import MySQLStore

struct RecallMessage: Endpoint {
    let conversation: ConversationReference
    /// The `message_id` of the message that is recalled.
    let messageID: String

    init(_ fields: RequestFields) throws(APIError) {
        conversation = try fields.conversation()
        messageID = try fields.required("message_id", fields.identifier("message_id"))
    }

    var namedConversation: ConversationReference? { conversation }
    var writtenConversation: ConversationReference? { conversation }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        let message = try store.recall(messageID, in: conversation, as: userID)
        json.key("message")
        json.message(message, in: conversation, absentKeys: .leftOut)
    }
}
