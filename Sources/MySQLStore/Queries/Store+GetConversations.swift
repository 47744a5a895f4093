// get_conversations: a few statements, whatever the number of conversations and members.

enum ConversationListSQL {
    /// The lengths of the two IN lists that are kept prepared: the default page and the largest one.
    static let defaultPageSize = 20
    static let largestPageSize = 100

    /// The columns of `ConversationListRow`, of a conversation c, a membership m, its changes g, and the joins below.
    static let columns = """
        \(ConversationSQL.columns),
        COALESCE(n.message_id, f.message_id), COALESCE(n.sender_id, f.sender_id), u.nickname,
        COALESCE(n.message_type, f.message_type, 'text'), COALESCE(n.content, f.content, ''),
        CAST(UNIX_TIMESTAMP(COALESCE(n.created_at, f.created_at)) * 1000 AS SIGNED),
        IF(COALESCE(n.message_type, f.message_type) = 'system', COALESCE(n.event, f.event), NULL),
        CAST(UNIX_TIMESTAMP(m.last_activity_at) * 1000 AS SIGNED),
        CAST(COALESCE(UNIX_TIMESTAMP(g.changed_at) * 1000, 0) AS SIGNED), COALESCE(n.id, 0)
        """

    /// The newest message of a conversation c, and its sender. A send leaves the message's time in last_message_at, and
    /// so the message is found in the primary key. Where it is not there, or was deleted, the newest one is looked for.
    /// Messages that others have inserted may share a time; then the conversation has several rows.
    static let newestMessageJoins = """
        LEFT JOIN orbia_message n
          ON n.conversation_id = c.id AND n.created_at = c.last_message_at AND n.deleted_at IS NULL
        LEFT JOIN orbia_message f ON f.id = IF(n.id IS NULL, (
            SELECT x.id FROM orbia_message x
            WHERE x.conversation_id = c.id AND x.deleted_at IS NULL
            ORDER BY x.created_at DESC, x.id DESC
            LIMIT 1), NULL)
        LEFT JOIN orbia_user u ON u.id = COALESCE(n.sender_id, f.sender_id)
        """

    /// The table of changes. Without the hint all of a user's changes might be read for each conversation.
    static let changes = "orbia_conversation_change g FORCE INDEX FOR JOIN (PRIMARY)"

    /// The conversations at the beginning of the list, walking along the member table's index. There is no row where
    /// there is no such user, or the list is empty. Where a conversation has several rows there may be fewer
    /// conversations than rows. Parameters: the type where `ofType`, the user, the limit.
    static func beginning(ofType: Bool) -> String {
        """
        SELECT \(ConversationCountsSQL.statusAndTime(of: "s")),
               \(columns)
        FROM orbia_user s
        STRAIGHT_JOIN orbia_conversation_member m
          ON m.user_id = s.id \(ofType ? "AND m.conversation_type = ?" : "")
        STRAIGHT_JOIN orbia_conversation c ON c.id = m.conversation_id AND c.deleted_at IS NULL
        LEFT JOIN \(changes) ON g.conversation_id = m.conversation_id AND g.user_id = s.id
        \(newestMessageJoins)
        WHERE s.id = ?
        ORDER BY m.last_activity_at DESC, m.conversation_id DESC
        LIMIT ?
        """
    }

    /// Any page. It is found on the member table's index first, so that what lies before it is not read in full; only its
    /// conversations are then read, each with its newest message. The rows are in no order: sorted by the server they,
    /// with their contents, would go through a temporary table. Parameters: the user, the type where `ofType`, the limit,
    /// the offset, the user.
    static func page(ofType: Bool) -> String {
        """
        SELECT \(ConversationCountsSQL.statusAndTime(of: "s")),
               \(columns)
        FROM orbia_user s
        LEFT JOIN (
            SELECT m.conversation_id, m.unread_count, m.last_activity_at
            FROM orbia_conversation_member m
            STRAIGHT_JOIN orbia_conversation k ON k.id = m.conversation_id AND k.deleted_at IS NULL
            WHERE m.user_id = ? \(ofType ? "AND m.conversation_type = ?" : "")
            ORDER BY m.last_activity_at DESC, m.conversation_id DESC
            LIMIT ? OFFSET ?) m ON TRUE
        LEFT JOIN orbia_conversation c ON c.id = m.conversation_id
        LEFT JOIN \(changes) ON g.conversation_id = m.conversation_id AND g.user_id = s.id
        \(newestMessageJoins)
        WHERE s.id = ?
        """
    }

    /// The members of `count` conversations. Parameters: the conversations.
    static func members(of count: Int) -> String {
        """
        SELECT m.conversation_id, m.id, \(ConversationSQL.memberColumns)
        FROM orbia_conversation_member m FORCE INDEX (PRIMARY)
        LEFT JOIN orbia_user u ON u.id = m.user_id
        WHERE m.conversation_id IN (?\(String(repeating: ",?", count: count - 1)))
        """
    }
}

/// The caller's status, the database's time, and a conversation of the page.
struct ConversationPageRow: DecodableRow, UserStatusRow {
    var userStatus: String
    /// The time in milliseconds since 1970 before the page was read.
    var now: Int64
    /// nil where the page is empty.
    var listed: ConversationListRow?

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        now = try row.next()
        listed = try row.leftJoined()
    }
}

/// A conversation with its newest message, and the times of its changes for the user.
struct ConversationListRow: DecodableRow {
    var conversation: Conversation
    var change: ChangedConversation
    /// The newest message's `orbia_message.id`; 0 where it is known to be the only newest one.
    var newestMessage: Int64

    init(_ row: inout RowReader) throws(DatabaseError) {
        conversation = try Conversation(&row)
        conversation.lastMessage = try row.leftJoined(columns: LastMessage.columnCount)
        change = ChangedConversation(id: conversation.id, activity: try row.next(), change: try row.next())
        newestMessage = try row.next()
    }

    /// Puts the latest activity first, and keeps one row of each conversation: of several messages at its newest time
    /// the one with the greatest id counts.
    static func onePerConversation(_ rows: [ConversationListRow]) -> [ConversationListRow] {
        var places: [Int64: Int] = [:]
        var kept: [ConversationListRow] = []
        for row in rows {
            if let place = places[row.conversation.id] {
                if row.newestMessage > kept[place].newestMessage { kept[place] = row }
            } else {
                places[row.conversation.id] = kept.count
                kept.append(row)
            }
        }
        return kept.sorted { ($0.change.activity, $0.conversation.id) > ($1.change.activity, $1.conversation.id) }
    }
}

extension LastMessage: DecodableRow {
    static let columnCount = 7

    init(_ row: inout RowReader) throws(DatabaseError) {
        messageID = try row.next()
        senderID = try row.next()
        senderNickname = try row.next()
        type = try row.next()
        content = try row.next()
        createdAt = try row.next()
        event = try row.next()
    }
}

/// A member of one of several conversations.
struct ConversationMemberRow: DecodableRow {
    var conversationID: Int64
    /// `orbia_conversation_member.id`, which is in the order in which the members joined.
    var id: Int64
    var member: Member

    init(_ row: inout RowReader) throws(DatabaseError) {
        conversationID = try row.next()
        id = try row.next()
        member = try Member(&row)
    }
}

extension Store {
    /// One page of a user's conversations, latest activity first.
    ///
    /// - Parameters:
    ///   - filter: which of them; where it has a text, or unread ones alone are asked for, they are looked through for
    ///     about half a second at most.
    ///   - page: from 1.
    ///   - pageSize: from 1 to 100.
    public func conversations(
        of userID: Int64,
        _ filter: ConversationFilter,
        page: Int64,
        pageSize: Int64
    ) throws(StoreError) -> ConversationPage {
        precondition(page >= 1 && (1...Int64(ConversationListSQL.largestPageSize)).contains(pageSize))
        if filter.needsSearch { return try find(filter, of: userID, page: page, pageSize: pageSize) }
        let type = filter.type?.rawValue
        return try read(.conversationList) { statements throws(StoreError) in
            if page == 1 { return try firstPage(of: userID, type: type, pageSize: pageSize, statements) }
            let counts = try checkUser(try counts(of: userID, type: type, statements))
            let (offset, overflow) = (page - 1).multipliedReportingOverflow(by: pageSize)
            // Behind its end the database would walk along the whole list to find nothing.
            guard !overflow, offset < counts.total else {
                return ConversationPage([], counts, cursor: ChangeCursor(at: counts.now, told: []))
            }
            return try withStoreErrors { () throws(DatabaseError) in
                let rows = try statements.page(of: userID, type: type, limit: pageSize, offset: offset)
                let listed = ConversationListRow.onePerConversation(rows.compactMap(\.listed))
                return ConversationPage(
                    try statements.addMembers(to: listed),
                    counts,
                    cursor: ChangeCursor(at: counts.now, told: listed.map(\.change))
                )
            }
        }
    }

    /// Reads the first page, and counts only where there are conversations that are not on it.
    private func firstPage(
        of userID: Int64,
        type: String?,
        pageSize: Int64,
        _ statements: PreparedStatements
    ) throws(StoreError) -> ConversationPage {
        var rows = try withStoreErrors { () throws(DatabaseError) in
            try statements.beginning(of: userID, type: type, limit: pageSize + 1)
        }
        var listed = ConversationListRow.onePerConversation(rows.compactMap(\.listed))
        if rows.isEmpty || rows.count > pageSize && listed.count <= pageSize {
            rows = try withStoreErrors { () throws(DatabaseError) in
                try statements.page(of: userID, type: type, limit: pageSize + 1, offset: 0)
            }
            listed = ConversationListRow.onePerConversation(rows.compactMap(\.listed))
        }
        let now = try checkUser(rows.first).now
        let hasMore = listed.count > pageSize
        if hasMore { listed.removeLast() }
        let counts =
            if hasMore || type != nil {
                try checkUser(try counts(of: userID, type: type, statements))
            } else {
                ConversationCounts(all: listed.map(\.conversation), at: now)
            }
        let conversations = try withStoreErrors { () throws(DatabaseError) in try statements.addMembers(to: listed) }
        return ConversationPage(conversations, counts, cursor: ChangeCursor(at: now, told: listed.map(\.change)))
    }
}

extension ConversationPage {
    fileprivate init(_ conversations: [Conversation], _ counts: ConversationCounts, cursor: ChangeCursor) {
        self.init(
            conversations: conversations,
            // One may have been left or deleted between the statements.
            total: max(counts.total, Int64(conversations.count)),
            unread: counts.unread,
            cursor: cursor
        )
    }
}

extension PreparedStatements {
    fileprivate func beginning(
        of userID: Int64,
        type: String?,
        limit: Int64
    ) throws(DatabaseError) -> [ConversationPageRow] {
        if let type {
            try conversationListBeginningOfType.rows(type, userID, limit)
        } else {
            try conversationListBeginning.rows(userID, limit)
        }
    }

    fileprivate func page(
        of userID: Int64,
        type: String?,
        limit: Int64,
        offset: Int64
    ) throws(DatabaseError) -> [ConversationPageRow] {
        if let type {
            try conversationPageOfType.rows(userID, type, limit, offset, userID)
        } else {
            try conversationPage.rows(userID, limit, offset, userID)
        }
    }

    /// The conversations of the rows, with their members in the order in which they joined.
    func addMembers(to listed: [ConversationListRow]) throws(DatabaseError) -> [Conversation] {
        var conversations = listed.map(\.conversation)
        guard !conversations.isEmpty else { return [] }
        var places: [Int64: Int] = [:]
        for (place, conversation) in conversations.enumerated() { places[conversation.id] = place }
        let members = try membersOfPage.rows(forEach: conversations.map(\.id))
        // Sorted by the server they would go through a temporary table.
        for row in members.sorted(by: { $0.id < $1.id }) {
            guard let place = places[row.conversationID] else { continue }
            conversations[place].members.append(row.member)
        }
        return conversations
    }
}
