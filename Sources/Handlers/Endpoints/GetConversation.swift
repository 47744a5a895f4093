// POST get_conversation: one conversation with its members.

internal import MySQLStore

struct GetConversation: Endpoint {
    /// How the conversation is named.
    enum Name: Hashable {
        case conversation(ConversationReference)
        case order(OrderReference)
    }

    let name: Name

    init(_ fields: RequestFields) throws(APIError) {
        name =
            if let order = try fields.order() {
                .order(order)
            } else {
                .conversation(try fields.conversation())
            }
    }

    var namedConversation: ConversationReference? {
        if case .conversation(let reference) = name { reference } else { nil }
    }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        let conversation =
            switch name {
            case .conversation(let reference): try store.conversation(reference, for: userID)
            case .order(let order): try store.conversation(of: order, for: userID)
            }
        json.key("conversation")
        json.conversation(conversation)
    }
}
