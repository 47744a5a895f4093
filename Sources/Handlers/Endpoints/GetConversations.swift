// POST get_conversations: a page of the caller's conversations, latest activity first.

internal import MySQLStore

struct GetConversations: Endpoint {
    let type: String?
    let page: Int64
    let pageSize: Int64

    private static let types = ["kol_order", "ad_order", "general", "support"]

    init(_ fields: RequestFields) throws(APIError) {
        type = try fields.choice("type", among: Self.types)
        page = try fields.integer("page", minimum: 1) ?? 1
        pageSize = try fields.pageSize("page_size")
    }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        let found = try store.conversations(of: userID, type: type, page: page, pageSize: pageSize)
        json.key("conversations")
        json.array(found.conversations) { json, conversation in json.listedConversation(conversation) }
        json.key("page_info")
        json.object { json in
            json.member("page", page)
            json.member("page_size", pageSize)
            json.member("total", found.total)
            json.member("total_pages", (found.total + pageSize - 1) / pageSize)
        }
        json.member("total_unread", found.totalUnread)
    }
}
