// POST get_conversations: a page of the caller's conversations, or those that have changed since an earlier answer.

internal import MySQLStore
internal import Runtime

struct GetConversations: PollingEndpoint {
    /// Which of the conversations are asked for.
    enum Selection {
        /// A page of those that a filter lets through, latest activity first.
        case page(ConversationFilter, page: Int64, pageSize: Int64)
        /// Those that have changed.
        case changes(after: ChangeCursor)
    }

    let selection: Selection
    let wait: Interval

    init(_ fields: RequestFields) throws(APIError) {
        let filter = ConversationFilter(
            type: try fields.conversationType(),
            text: try fields.searchText("query"),
            isUnreadOnly: try fields.boolean("unread") ?? false
        )
        let page = try fields.integer("page", minimum: 1)
        let pageSize = try fields.pageSize("page_size")
        let cursor = try fields.string("after_cursor")
        wait = try fields.wait(allowedBy: (cursor != nil, "after_cursor"))
        guard let cursor else {
            selection = .page(filter, page: page ?? 1, pageSize: pageSize)
            return
        }
        // What has changed is told of all conversations: one that no longer matches a filter would be missed.
        let others = [
            ("type", filter.type != nil), ("query", filter.text != nil), ("unread", filter.isUnreadOnly),
            ("page", page != nil),
        ]
        for (key, isGiven) in others where isGiven {
            throw .invalid(key, "cannot be given together with after_cursor")
        }
        guard let bytes = Base64URL.decode(Array(cursor.utf8)[...]), let decoded = ChangeCursor(bytes: bytes) else {
            throw .invalid("after_cursor", "must be the cursor of an earlier answer")
        }
        selection = .changes(after: decoded)
    }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        switch selection {
        case .page(let filter, let page, let pageSize):
            let found = try store.conversations(of: userID, filter, page: page, pageSize: pageSize)
            json.key("conversations")
            json.array(found.conversations) { json, conversation in json.listedConversation(conversation) }
            json.key("page_info")
            json.object { json in
                json.member("page", page)
                json.member("page_size", pageSize)
                json.member("total", found.total)
                json.member("total_pages", (found.total + pageSize - 1) / pageSize)
                if found.isIncomplete { json.member("incomplete", true) }
            }
            json.unread(found.unread)
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
        if let unread = changes.unread { json.unread(unread) }
        json.member("cursor", changes.cursor)
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ key: StaticString, _ cursor: ChangeCursor) {
        member(key, Base64URL.encode(cursor.bytes))
    }
}
