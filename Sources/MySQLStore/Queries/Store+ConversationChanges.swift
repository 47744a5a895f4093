// get_conversations after a cursor: one statement where nothing has changed, else three.

enum ConversationChangesSQL {
    /// A row with the caller's status and the database's time, where there is such a user, and then a row for each change
    /// of a conversation since a time. Parameters: the user, the user, the time, the user, the time.
    ///
    /// A new message moves last_activity_at of the members' rows; all other changes are in orbia_conversation_change.
    /// Both are read along an index that begins with the user. A UNION ALL at the top needs no temporary table.
    static let changed = """
        SELECT \(ConversationCountsSQL.statusAndTime(of: "u")), NULL, 0, 0
        FROM orbia_user u
        WHERE u.id = ?
        UNION ALL
        SELECT '', 0, m.conversation_id, CAST(UNIX_TIMESTAMP(m.last_activity_at) * 1000 AS SIGNED), 0
        FROM orbia_conversation_member m
        WHERE m.user_id = ? AND m.last_activity_at >= \(TimeSQL.time)
        UNION ALL
        SELECT '', 0, g.conversation_id, 0, CAST(UNIX_TIMESTAMP(g.changed_at) * 1000 AS SIGNED)
        FROM orbia_conversation_change g
        WHERE g.user_id = ? AND g.changed_at >= \(TimeSQL.time)
        """

    /// `count` conversations of a user, each with its newest message, with the times of its changes, and with the numbers
    /// of all the user's unread messages. Parameters: the user, the user, the user, the conversations.
    static func conversations(_ count: Int) -> String {
        """
        SELECT \(ConversationListSQL.columns), \(ConversationCountsSQL.unread(ofUser: "?"))
        FROM orbia_conversation_member m
        JOIN orbia_conversation c ON c.id = m.conversation_id AND c.deleted_at IS NULL
        LEFT JOIN \(ConversationListSQL.changes) ON g.conversation_id = m.conversation_id AND g.user_id = ?
        \(ConversationListSQL.newestMessageJoins)
        WHERE m.user_id = ? AND m.conversation_id IN (?\(String(repeating: ",?", count: count - 1)))
        """
    }
}

/// The caller's status and the database's time, or a conversation that has changed.
struct ConversationChangeRow: DecodableRow, UserStatusRow {
    /// Empty beside a conversation.
    var userStatus: String
    /// Milliseconds since 1970; 0 beside a conversation.
    var now: Int64
    /// One of its changes; nil in the row of the caller.
    var conversation: ChangedConversation?

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        now = try row.next()
        conversation = try row.leftJoined()
    }
}

extension ChangedConversation: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        activity = try row.next()
        change = try row.next()
    }
}

extension ChangedConversation {
    /// Each of the conversations once, with its newest change of each kind.
    fileprivate static func newest(of changes: some Sequence<ChangedConversation>) -> [ChangedConversation] {
        var newest: [Int64: ChangedConversation] = [:]
        for change in changes {
            var known = newest[change.id] ?? change
            known.activity = max(known.activity, change.activity)
            known.change = max(known.change, change.change)
            newest[change.id] = known
        }
        return Array(newest.values)
    }
}

/// A conversation of the user's that has changed, and the numbers of all the user's unread messages.
struct ChangedConversationRow: DecodableRow {
    var listed: ConversationListRow
    var unread: UnreadCounts

    init(_ row: inout RowReader) throws(DatabaseError) {
        listed = try ConversationListRow(&row)
        unread = try UnreadCounts(&row)
    }
}

/// Conversations that are known by their ids, read in full.
struct ConversationDetails {
    /// By id, as far as the user has them still.
    var conversations: [Int64: Conversation] = [:]
    /// The times of their changes as they were when they were read.
    var changes: [Int64: ChangedConversation] = [:]
    /// nil where no conversation was read.
    var unread: UnreadCounts?
}

extension PreparedStatements {
    /// - Parameter ids: at least one.
    func details(of ids: [Int64], of userID: Int64) throws(DatabaseError) -> ConversationDetails {
        let rows = try changesOfPage.rows([userID, userID, userID], forEach: ids)
        let listed = ConversationListRow.onePerConversation(rows.map(\.listed))
        let conversations = try addMembers(to: listed)
        return ConversationDetails(
            conversations: Dictionary(uniqueKeysWithValues: conversations.map { ($0.id, $0) }),
            changes: Dictionary(uniqueKeysWithValues: listed.map { ($0.change.id, $0.change) }),
            unread: rows.first?.unread
        )
    }
}

extension Store {
    /// How many conversations an answer tells of at most.
    static let changesPerAnswer = ConversationListSQL.largestPageSize

    /// What has changed of a user's conversations since a cursor.
    public func changes(of userID: Int64, after cursor: ChangeCursor) throws(StoreError) -> ConversationChanges {
        try read(.conversationList) { statements throws(StoreError) in
            let rows = try withStoreErrors { () throws(DatabaseError) in
                try statements.changedConversations.rows(userID, userID, cursor.start, userID, cursor.start)
            }
            let first = try checkUser(rows.first { $0.conversation == nil })
            let found = ChangedConversation.newest(of: rows.lazy.compactMap(\.conversation))
            guard cursor.canBeFollowed(at: first.now), let untold = cursor.untold(of: found) else {
                var changes = ConversationChanges(cursor: ChangeCursor(at: first.now, told: []))
                changes.isReset = true
                return changes
            }
            guard !untold.isEmpty else { return ConversationChanges(cursor: cursor) }
            let page = Array(untold.prefix(Self.changesPerAnswer))
            let details = try withStoreErrors { () throws(DatabaseError) in
                try statements.details(of: page.map(\.id), of: userID)
            }
            return ConversationChanges(page, of: untold, in: found, details, at: first.now)
        }
    }
}

extension ConversationChanges {
    /// - Parameters:
    ///   - page: the changes that this answer tells.
    ///   - untold: all changes that the client has not been told before.
    ///   - found: all changes since the cursor's start.
    ///   - details: the conversations of the page, as far as the user has them still.
    ///   - now: the database's time before `found` was read.
    fileprivate init(
        _ page: [ChangedConversation],
        of untold: [ChangedConversation],
        in found: [ChangedConversation],
        _ details: ConversationDetails,
        at now: Int64
    ) {
        let left = Set(untold.dropFirst(page.count).map(\.id))
        // A conversation may have changed once more before its details were read.
        let told = found.filter { !left.contains($0.id) }.map { details.changes[$0.id] ?? $0 }
        self.init(cursor: ChangeCursor(at: now, told: told, upTo: left.isEmpty ? nil : page.last?.position))
        hasMore = !left.isEmpty
        for changed in page {
            if let conversation = details.conversations[changed.id] {
                conversations.append(conversation)
            } else {
                removed.append(changed.id)
            }
        }
        unread = details.unread
    }
}
