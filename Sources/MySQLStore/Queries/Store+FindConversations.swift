// get_conversations with a text, or of unread conversations alone: two statements where nothing is found, else three,
// and one more for each further step through a long list.

internal import Runtime

/// A search through a user's conversations, the most lately active first.
private struct ConversationSearch {
    /// The time after which no further step is made: the answer says that it is incomplete.
    static let timeLimit = Interval.milliseconds(500)
    /// How many conversations the first step looks at, and how many a later one does at most. A text of 100 characters that
    /// a title repeats is looked for in it for up to 0.8 ms: the first step, which knows nothing yet, has to end in time.
    static let firstStep: Int64 = 600
    static let largestStep: Int64 = 4_000
    /// Steps grow while they take no longer than this. How long one takes depends on members, texts and caches.
    static let timeOfStep = Interval.milliseconds(50)

    /// The matches, in the list's order.
    private(set) var matches: [SearchedConversation.Place] = []
    /// The database's time in milliseconds before anything was read.
    private(set) var now: Int64?
    private(set) var isIncomplete = false

    /// Whoever becomes active meanwhile goes to the list's beginning, and may be missed by a search of several steps; the
    /// cursor tells of them.
    init(
        _ filter: ConversationFilter,
        of userID: Int64,
        _ statements: PreparedStatements
    ) throws(StoreError) {
        let end = Instant.now + Self.timeLimit
        var place: SearchedConversation.Place?
        var count = Self.firstStep
        while true {
            let start = Instant.now
            let rows = try withStoreErrors { () throws(DatabaseError) in
                try statements.conversationSearch.rows(filter, of: userID, behind: place, count: count)
            }
            let first = try checkUser(rows.first)
            now = now ?? first.now
            let looked = rows.compactMap(\.conversation)
            matches += looked.filter(\.matches).map(\.place).sorted(by: >)
            guard looked.count >= count else { return }
            place = looked.map(\.place).min()
            let finish = Instant.now
            guard finish < end else {
                isIncomplete = true
                return
            }
            if finish - start < Self.timeOfStep { count = min(count * 2, Self.largestStep) }
        }
    }

    /// The matches of a page.
    func page(_ page: Int64, size: Int64) -> [Int64] {
        let (offset, overflow) = (page - 1).multipliedReportingOverflow(by: size)
        guard !overflow, offset < matches.count else { return [] }
        return matches[Int(offset)...].prefix(Int(size)).map(\.id)
    }
}

extension Store {
    /// One page of those of a user's conversations that match a filter, latest activity first.
    func find(
        _ filter: ConversationFilter,
        of userID: Int64,
        page: Int64,
        pageSize: Int64
    ) throws(StoreError) -> ConversationPage {
        try read(.conversationList) { statements throws(StoreError) in
            let search = try ConversationSearch(filter, of: userID, statements)
            let ids = search.page(page, size: pageSize)
            var details = ConversationDetails()
            if !ids.isEmpty {
                details = try withStoreErrors { () throws(DatabaseError) in
                    try statements.details(of: ids, of: userID)
                }
            }
            if details.unread == nil {
                let counts = try withStoreErrors { () throws(DatabaseError) in try statements.unreadCount.row(userID) }
                details.unread = try checkUser(counts).unread
            }
            let conversations = ids.compactMap { details.conversations[$0] }
            return ConversationPage(
                // One may have been read between the statements.
                conversations: conversations.filter { !filter.isUnreadOnly || $0.unreadCount > 0 },
                total: Int64(search.matches.count),
                isIncomplete: search.isIncomplete,
                unread: details.unread ?? UnreadCounts(),
                cursor: ChangeCursor(at: search.now ?? 0, told: Array(details.changes.values))
            )
        }
    }
}
