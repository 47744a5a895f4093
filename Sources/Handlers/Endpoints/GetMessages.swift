// POST get_messages: a page of a conversation's messages, oldest first.

internal import MySQLStore

struct GetMessages: Endpoint {
    let conversation: ConversationReference
    let cursor: MessageCursor
    let limit: Int

    init(_ fields: RequestFields) throws(APIError) {
        conversation = try fields.conversation()
        let before = try fields.integer("before_timestamp")
        let after = try fields.integer("after_timestamp")
        switch (before, after) {
        case (.some, .some): throw .invalid("after_timestamp", "cannot be given together with before_timestamp")
        case (nil, let after?): cursor = .after(after)
        case (let before, nil): cursor = .before(before)
        }
        limit = Int(try fields.pageSize("limit"))
    }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        let page = try store.messages(of: conversation, for: userID, cursor, limit: limit)
        json.key("messages")
        json.array(page.messages) { json, message in
            json.message(message, in: conversation, absentKeys: .leftOut) { json, text in
                page.withUTF8(of: text) { json.string($0) }
            }
        }
        json.member("has_more", page.hasMore)
    }
}
