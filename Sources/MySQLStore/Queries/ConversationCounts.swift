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

    /// The text that `UnreadCounts` is read from, of conversations c and memberships v. It is one column, so that one walk
    /// along the unread conversations is enough. Without any conversation the sums of the column are NULL, and the text is
    /// empty.
    private static func unreadSums(of count: String) -> String {
        let ofTypes = ConversationType.allCases.map { type in
            let isOfType = "c.type = '\(type.rawValue)'" + (type == .general ? " OR c.type IS NULL" : "")
            return "SUM(IF(\(isOfType), \(count), 0))"
        }
        return "CONCAT_WS(',', \((["SUM(\(count))"] + ofTypes).joined(separator: ", ")))"
    }

    /// The numbers of unread messages in all conversations of a user, summed up over the unread conversations alone.
    static func unread(ofUser user: String) -> String {
        """
        (SELECT \(unreadSums(of: "v.unread_count")) FROM orbia_conversation_member v
         STRAIGHT_JOIN orbia_conversation c ON c.id = v.conversation_id AND c.deleted_at IS NULL
         WHERE v.user_id = \(user) AND v.unread_count > 0)
        """
    }

    /// Counts the conversations and the unread messages. Parameter: the user.
    ///
    /// Each conversation is read for its type. Of a few of them that is cheaper than `countOfMany`.
    static let count = """
        SELECT \(statusAndTime(of: "u")), COUNT(c.id),
               \(unreadSums(of: "IF(v.unread_count > 0, v.unread_count, 0)"))
        FROM orbia_user u
        LEFT JOIN (orbia_conversation_member v
                   STRAIGHT_JOIN orbia_conversation c ON c.id = v.conversation_id AND c.deleted_at IS NULL)
          ON v.user_id = u.id
        WHERE u.id = ?
        GROUP BY u.id
        """

    /// Counts the conversations and the unread messages, and reads the unread conversations alone. Parameter: the user.
    static let countOfMany = """
        SELECT \(statusAndTime(of: "u")), \(total(ofType: false)), \(unread(ofUser: "u.id"))
        FROM orbia_user u
        WHERE u.id = ?
        """

    /// Counts the conversations of a type, and the unread messages of all types. Parameters: the type, the user.
    static let countOfType = """
        SELECT \(statusAndTime(of: "u")), \(total(ofType: true)), \(unread(ofUser: "u.id"))
        FROM orbia_user u
        WHERE u.id = ?
        """

    /// Counts the conversations only where their number has changed since a time; else the total is NULL. Parameters: the
    /// time, the type where `ofType`, the user.
    static func countIfChanged(ofType: Bool) -> String {
        """
        SELECT \(statusAndTime(of: "u")),
               IF(EXISTS (SELECT 1 FROM orbia_conversation_change h
                          WHERE h.user_id = u.id AND h.membership_at > \(TimeSQL.time)),
                  \(total(ofType: ofType)), NULL),
               \(unread(ofUser: "u.id"))
        FROM orbia_user u
        WHERE u.id = ?
        """
    }

    /// Counts the unread messages alone; the total is NULL. Parameter: the user.
    static let unreadOnly = """
        SELECT \(statusAndTime(of: "u")), CAST(NULL AS SIGNED), \(unread(ofUser: "u.id"))
        FROM orbia_user u
        WHERE u.id = ?
        """
}

/// The caller's status, the database's time, and the numbers of conversations and of unread messages.
struct ConversationCounts: DecodableRow, UserStatusRow {
    var userStatus: String
    /// The time in milliseconds since 1970 before anything was counted.
    var now: Int64
    /// The number of conversations that were counted; nil where that has not changed.
    private var counted: Int64?
    var unread: UnreadCounts

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        now = try row.next()
        counted = try row.next()
        unread = try UnreadCounts(&row)
    }

    /// Counts all of a user's conversations, which were read at a time.
    init(all conversations: [Conversation], at time: Int64) {
        userStatus = "normal"
        now = time
        counted = Int64(conversations.count)
        unread = UnreadCounts()
        for conversation in conversations where conversation.unreadCount > 0 {
            unread.add(conversation.unreadCount, ofType: conversation.type)
        }
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

extension UnreadCounts: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        let text: String = try row.next()
        guard let counts = UnreadCounts(text) else { throw .unexpectedRow("numbers of unread messages are no numbers") }
        self = counts
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
            case (nil, nil) where conversationCounts.hadMany(list): try statements.conversationCountOfMany.row(userID)
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
