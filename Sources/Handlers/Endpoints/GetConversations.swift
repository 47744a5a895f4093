// POST get_conversations: a page of the caller's conversations, or those that have changed since an earlier answer.

internal import MySQLStore
internal import Runtime

struct GetConversations: PollingEndpoint {
    /// Which of the conversations are asked for.
    enum Selection {
        /// A page of those of a type (nil: of every type), latest activity first.
        case page(type: String?, page: Int64, pageSize: Int64)
        /// Those that have changed.
        case changes(after: ChangeCursor)
    }

    let selection: Selection
    let wait: Interval

    private static let types = ["kol_order", "ad_order", "general", "support"]

    init(_ fields: RequestFields) throws(APIError) {
        let type = try fields.choice("type", among: Self.types)
        let page = try fields.integer("page", minimum: 1)
        let pageSize = try fields.pageSize("page_size")
        let cursor = try fields.string("after_cursor")
        wait = try fields.wait(allowedBy: (cursor != nil, "after_cursor"))
        guard let cursor else {
            selection = .page(type: type, page: page ?? 1, pageSize: pageSize)
            return
        }
        if type != nil { throw .invalid("type", "cannot be given together with after_cursor") }
        if page != nil { throw .invalid("page", "cannot be given together with after_cursor") }
        guard let bytes = Base64URL.decode(Array(cursor.utf8)[...]), let decoded = ChangeCursor(bytes: bytes) else {
            throw .invalid("after_cursor", "must be the cursor of an earlier answer")
        }
        selection = .changes(after: decoded)
    }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        switch selection {
        case .page(let type, let page, let pageSize):
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
            if page == 1 { json.member("cursor", found.cursor) }
        case .changes(let cursor):
            write(try store.changes(of: userID, after: cursor), into: &json)
        }
    }

    func respondWithNews(
        to userID: Int64,
        from store: Store,
        into json: inout JSONWriter
    ) throws(StoreError) -> ChangeSubject? {
        guard case .changes(let cursor) = selection else {
            try respond(to: userID, from: store, into: &json)
            return nil
        }
        let changes = try store.changes(of: userID, after: cursor)
        guard !changes.isEmpty else { return .conversations(user: userID) }
        write(changes, into: &json)
        return nil
    }

    func writeNoNews(into json: inout JSONWriter) {
        guard case .changes(let cursor) = selection else { return }
        write(ConversationChanges(cursor: cursor), into: &json)
    }

    private func write(_ changes: ConversationChanges, into json: inout JSONWriter) {
        json.key("conversations")
        json.array(changes.conversations) { json, conversation in json.changedConversation(conversation) }
        json.member("has_more", changes.hasMore)
        if !changes.removed.isEmpty {
            json.key("removed")
            json.array(changes.removed) { json, id in json.integer(id) }
        }
        if changes.isReset { json.member("reset", true) }
        if let totalUnread = changes.totalUnread { json.member("total_unread", totalUnread) }
        json.member("cursor", changes.cursor)
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ key: StaticString, _ cursor: ChangeCursor) {
        member(key, Base64URL.encode(cursor.bytes))
    }
}
