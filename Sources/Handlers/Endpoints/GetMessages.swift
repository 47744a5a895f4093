// POST get_messages: a page of a conversation's messages, oldest first.

internal import MySQLStore
internal import Runtime

struct GetMessages: PollingEndpoint {
    let conversation: ConversationReference
    let cursor: MessageCursor
    let limit: Int
    let wait: Interval

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
        wait = try fields.wait(allowedBy: (after != nil, "after_timestamp"))
    }

    var namedConversation: ConversationReference? { conversation }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        write(try store.messages(of: conversation, for: userID, cursor, limit: limit), into: &json)
    }

    func respondWithNews(
        to userID: Int64,
        from store: Store,
        into json: inout JSONWriter
    ) throws(StoreError) -> ChangeSubject? {
        let page = try store.messages(of: conversation, for: userID, cursor, limit: limit)
        guard !page.messages.isEmpty else { return .messages(conversation: page.conversation) }
        write(page, into: &json)
        return nil
    }

    func writeNoNews(into json: inout JSONWriter) {
        json.key("messages")
        json.array([Int64]()) { _, _ in }
        json.member("has_more", false)
    }

    private func write(_ page: MessagePage, into json: inout JSONWriter) {
        json.key("messages")
        json.array(page.messages) { json, message in
            json.message(message, of: page, in: conversation)
        }
        json.member("has_more", page.hasMore)
    }
}
