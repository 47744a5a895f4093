// The numbers of a user's conversations and of unread messages.

internal import Runtime

enum ConversationCountsSQL {
    /// The ids of the softly deleted conversations, which are not counted.
    private static let deleted = "(SELECT d.id FROM orbia_conversation d WHERE d.deleted_at IS NOT NULL)"

    /// The status of the caller, a user with this name in the statement, and the database's time in milliseconds.
    static func statusAndTime(of user: String) -> String {
        "COALESCE(\(user).status, ''), CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)"
    }

    /// The number of conversations of a user u. Parameter: the type where `ofType`.
    private static func total(ofType: Bool) -> String {
        """
        (SELECT COUNT(*) FROM orbia_conversation_member t
         WHERE t.user_id = u.id \(ofType ? "AND t.conversation_type = ?" : "") AND t.conversation_id NOT IN \(deleted))
        """
    }

    /// The number of unread messages in all conversations of a user, summed up over the unread conversations.
    static func totalUnread(ofUser user: String) -> String {
        """
        (SELECT CAST(COALESCE(SUM(v.unread_count), 0) AS SIGNED) FROM orbia_conversation_member v
         WHERE v.user_id = \(user) AND v.unread_count > 0 AND v.conversation_id NOT IN \(deleted))
        """
    }

    /// Counts conversations and unread messages in one walk along an index. Unread messages are counted over all types.
    /// Parameters: the type where `ofType`, and the user.
    static func count(ofType: Bool) -> String {
        """
        SELECT \(statusAndTime(of: "u")), \(ofType ? total(ofType: true) : "COUNT(m.user_id)"),
               CAST(COALESCE(SUM(m.unread_count), 0) AS SIGNED)
        FROM orbia_user u
        LEFT JOIN orbia_conversation_member m ON m.user_id = u.id AND m.conversation_id NOT IN \(deleted)
        WHERE u.id = ?
        GROUP BY u.id
        """
    }

    /// Counts the conversations only where their number has changed since a time; else the total is NULL. Parameters: the
    /// time, the type where `ofType`, the user.
    static func countIfChanged(ofType: Bool) -> String {
        """
        SELECT \(statusAndTime(of: "u")),
               IF(EXISTS (SELECT 1 FROM orbia_conversation_change h
                          WHERE h.user_id = u.id AND h.membership_at > FROM_UNIXTIME(? * 0.001)),
                  \(total(ofType: ofType)), NULL),
               \(totalUnread(ofUser: "u.id"))
        FROM orbia_user u
        WHERE u.id = ?
        """
    }
}

/// The caller's status, the database's time, and the numbers of conversations and of unread messages.
struct ConversationCounts: DecodableRow, UserStatusRow {
    var userStatus: String
    /// The time in milliseconds since 1970 before anything was counted.
    var now: Int64
    /// The number of conversations that were counted; nil where that has not changed.
    private var counted: Int64?
    var totalUnread: Int64

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        now = try row.next()
        counted = try row.next()
        totalUnread = try row.next()
    }

    /// Counts all of a user's conversations, which were read at a time.
    init(all conversations: [Conversation], at time: Int64) {
        userStatus = "normal"
        now = time
        counted = Int64(conversations.count)
        totalUnread = conversations.reduce(0) { $0 + $1.unreadCount }
    }

    /// The number of conversations.
    var total: Int64 { counted ?? 0 }

    fileprivate var hasCounted: Bool { counted != nil }

    fileprivate func with(total: Int64) -> ConversationCounts {
        var counts = self
        counts.counted = total
        return counts
    }
}

extension Store {
    /// Counts, or takes the number that was counted before where it has not changed since. Gives nil where there is no
    /// such user.
    func counts(
        of userID: Int64,
        type: String?,
        _ statements: PreparedStatements
    ) throws(StoreError) -> ConversationCounts? {
        let list = ConversationCountCache.List(user: userID, type: type)
        let kept = conversationCounts[list]
        let found = try withStoreErrors { () throws(DatabaseError) in
            switch (kept, type) {
            case (nil, nil): try statements.conversationCount.row(userID)
            case (nil, let type?): try statements.conversationCountOfType.row(type, userID)
            case (let kept?, nil): try statements.conversationCountIfChanged.row(kept.validFrom, userID)
            case (let kept?, let type?):
                try statements.conversationCountOfTypeIfChanged.row(kept.validFrom, type, userID)
            }
        }
        guard let found else { return nil }
        if let kept, !found.hasCounted { return found.with(total: kept.total) }
        conversationCounts.remember(found.total, of: list, at: found.now)
        return found
    }
}
