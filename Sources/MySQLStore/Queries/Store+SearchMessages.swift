// search_messages: a walk in steps, and a statement that reads what it has found.

internal import Runtime

extension Store {
    /// Messages of `userID` that a search finds, the conversation with the latest activity first, and the newest message
    /// first in each.
    ///
    /// - Parameters:
    ///   - cursor: where the search goes on; nil: it begins. It is to belong to the search.
    ///   - limit: the most messages, from 1.
    public func search(
        _ search: MessageSearch,
        for userID: Int64,
        from cursor: SearchCursor?,
        limit: Int
    ) throws(StoreError) -> SearchPage {
        let limits = search.conversation == nil ? SearchPace.Limits.allConversations : .conversation
        let pace = SearchPace(limits, step: cursor?.step, begun: .now, until: deadline)
        return try read(.search) { statements throws(StoreError) in
            var walk = SearchWalk(search, for: userID, from: cursor, limit: limit, pace, statements)
            if let conversation = search.conversation {
                try walk.run(in: conversation)
            } else {
                try walk.runOverAll()
            }
            let next = walk.isFinished ? nil : walk.cursor
            guard !walk.hits.isEmpty else { return SearchPage(cursor: next) }
            return try withStoreErrors { () throws(DatabaseError) in
                try page(of: walk.hits, text: search.text, for: userID, statements.search, cursor: next)
            }
        }
    }

    /// Reads what was found. Messages that have been deleted since, or that the user may not read, are left out.
    private func page(
        of hits: [SearchHit],
        text: String?,
        for userID: Int64,
        _ statements: SearchStatements,
        cursor: SearchCursor?
    ) throws(DatabaseError) -> SearchPage {
        // A conversation can be met twice in a call.
        var places: [Int64: Int] = [:]
        for (place, hit) in hits.enumerated() where places[hit.position.id] == nil { places[hit.position.id] = place }
        var (rows, texts) = try statements.messages.rowsAndTexts(jsonArray(places.keys), userID)
        rows.sort { places[$0.id] ?? 0 < places[$1.id] ?? 0 }
        var found = rows.map(\.message)
        found.setRecallTimes(recallTimes, for: userID, texts: texts, now: rows.first?.now ?? 0)
        let messages = MessagePage(of: 0, found, texts: texts, hasMore: cursor != nil)
        return SearchPage(
            messages: messages,
            conversations: rows.map(\.conversation),
            matches: try statements.matches(of: text, in: messages),
            cursor: cursor
        )
    }
}

extension SearchPage {
    /// Nothing was found.
    fileprivate init(cursor: SearchCursor?) {
        self.init(
            messages: MessagePage(of: 0, [], texts: [], hasMore: cursor != nil),
            conversations: [],
            matches: [],
            cursor: cursor
        )
    }
}
