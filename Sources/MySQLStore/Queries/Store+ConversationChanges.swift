// get_conversations after a cursor: one statement where nothing has changed, else three.

enum ConversationChangesSQL {
    /// The caller's status, the database's time, and each conversation that has changed since a time, with the times of
    /// its changes. Parameters: the user, the time, the user, the time, the user.
    ///
    /// A new message moves last_activity_at of the members' rows; all other changes are in orbia_conversation_change.
    /// Both are read along an index that begins with the user.
    static let changed = """
        SELECT \(ConversationCountsSQL.statusAndTime(of: "u")),
               x.conversation_id, CAST(x.activity AS SIGNED), CAST(x.changed AS SIGNED)
        FROM orbia_user u
        LEFT JOIN (
            SELECT t.conversation_id, MAX(t.activity) AS activity, MAX(t.changed) AS changed
            FROM (SELECT m.conversation_id, UNIX_TIMESTAMP(m.last_activity_at) * 1000 AS activity, 0 AS changed
                  FROM orbia_conversation_member m
                  WHERE m.user_id = ? AND m.last_activity_at >= FROM_UNIXTIME(? / 1000)
                  UNION ALL
                  SELECT g.conversation_id, 0, UNIX_TIMESTAMP(g.changed_at) * 1000
                  FROM orbia_conversation_change g
                  WHERE g.user_id = ? AND g.changed_at >= FROM_UNIXTIME(? / 1000)) t
            GROUP BY t.conversation_id) x ON TRUE
        WHERE u.id = ?
        """

    /// `count` conversations of a user, each with its newest message, with the times of its changes, and with the number
    /// of all the user's unread messages. Parameters: the user, the user, the user, the conversations.
    static func conversations(_ count: Int) -> String {
        """
        SELECT \(ConversationListSQL.columns), \(ConversationCountsSQL.totalUnread(ofUser: "?"))
        FROM orbia_conversation_member m
        JOIN orbia_conversation c ON c.id = m.conversation_id AND c.deleted_at IS NULL
        LEFT JOIN \(ConversationListSQL.changes) ON g.conversation_id = m.conversation_id AND g.user_id = ?
        \(ConversationListSQL.newestMessageJoins)
        WHERE m.user_id = ? AND m.conversation_id IN (?\(String(repeating: ",?", count: count - 1)))
        """
    }
}

/// The caller's status, the database's time, and a conversation that has changed.
struct ConversationChangeRow: DecodableRow, UserStatusRow {
    var userStatus: String
    /// Milliseconds since 1970.
    var now: Int64
    /// nil where none has changed.
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

/// A conversation of the user's that has changed, and the number of all the user's unread messages.
struct ChangedConversationRow: DecodableRow {
    var listed: ConversationListRow
    var totalUnread: Int64

    init(_ row: inout RowReader) throws(DatabaseError) {
        listed = try ConversationListRow(&row)
        totalUnread = try row.next()
    }
}

/// Conversations that have changed, read in full.
private struct ConversationDetails {
    /// By id, as far as the user has them still.
    var conversations: [Int64: Conversation] = [:]
    /// The times of their changes as they were when they were read.
    var changes: [Int64: ChangedConversation] = [:]
    /// nil where no conversation was read.
    var totalUnread: Int64?
}

extension PreparedStatements {
    /// - Parameter ids: at least one.
    fileprivate func details(of ids: [Int64], of userID: Int64) throws(DatabaseError) -> ConversationDetails {
        let rows = try changesOfPage.rows([userID, userID, userID], forEach: ids)
        let listed = ConversationListRow.onePerConversation(rows.map(\.listed))
        let conversations = try addMembers(to: listed)
        return ConversationDetails(
            conversations: Dictionary(uniqueKeysWithValues: conversations.map { ($0.id, $0) }),
            changes: Dictionary(uniqueKeysWithValues: listed.map { ($0.change.id, $0.change) }),
            totalUnread: rows.first?.totalUnread
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
                try statements.changedConversations.rows(userID, cursor.start, userID, cursor.start, userID)
            }
            let first = try checkUser(rows.first)
            let found = rows.compactMap(\.conversation)
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
        totalUnread = details.totalUnread
    }
}
