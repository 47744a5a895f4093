// The statements that look through a user's conversations, step by step.

enum ConversationSearchSQL {
    /// The name of a user u as others are shown it, whose id is o.user_id.
    private static let name = """
        IF(CHAR_LENGTH(u.nickname) > 0, CONVERT(u.nickname USING utf8mb4), CONCAT('用户', o.user_id))
        """

    /// The user's status, the database's time, and a number of the conversations from a place in the list on, each with
    /// whether it matches a pattern and is not deleted. The place is a time in milliseconds, NULL for the list's
    /// beginning, and an id. Parameters: the pattern twice, the user, the type where `ofType`, the time twice, the id, the
    /// number, the user.
    ///
    /// The conversations are read along the index that has the list's order. The unread ones are read along theirs, which
    /// has not: what is behind the LIMIT the optimizer does not make a part of the rest.
    static func step(ofType: Bool, unreadOnly: Bool) -> String {
        let ofUser = "orbia_conversation_member m WHERE m.user_id = ?\(ofType ? " AND m.conversation_type = ?" : "")"
        let unread = """
            (SELECT m.conversation_id, m.last_activity_at, m.unread_count FROM \(ofUser) AND m.unread_count > 0
             LIMIT 18446744073709551615) m WHERE TRUE
            """
        // The index with the count is the one in the list's order.
        let columns = "m.conversation_id, m.last_activity_at\(ofType ? "" : ", m.unread_count")"
        let bound = TimeSQL.timeOrEnd
        return """
            SELECT \(ConversationCountsSQL.statusAndTime(of: "s")),
                   k.conversation_id, CAST(UNIX_TIMESTAMP(k.last_activity_at) * 1000 AS SIGNED),
                   c.id IS NOT NULL AND c.deleted_at IS NULL
                   AND (CONVERT(COALESCE(c.title, '') USING utf8mb4) \(TextPattern.matches)
                        OR EXISTS (SELECT 1 FROM orbia_conversation_member o FORCE INDEX (PRIMARY)
                                   LEFT JOIN orbia_user u ON u.id = o.user_id
                                   WHERE o.conversation_id = k.conversation_id AND \(name) \(TextPattern.matches)))
            FROM orbia_user s
            LEFT JOIN (
                SELECT \(columns) FROM \(unreadOnly ? unread : ofUser)
                  AND m.last_activity_at <= \(bound) AND (m.last_activity_at < \(bound) OR m.conversation_id < ?)
                ORDER BY m.last_activity_at DESC, m.conversation_id DESC
                LIMIT ?) k ON TRUE
            LEFT JOIN orbia_conversation c ON c.id = k.conversation_id
            WHERE s.id = ?
            """
    }
}

/// The user's status, the database's time, and a conversation that was looked at.
struct ConversationSearchRow: DecodableRow, UserStatusRow {
    var userStatus: String
    /// The time in milliseconds since 1970 before the conversations were looked at.
    var now: Int64
    /// nil where there is none.
    var conversation: SearchedConversation?

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        now = try row.next()
        conversation = try row.leftJoined()
    }
}

/// A conversation that was looked at.
struct SearchedConversation: DecodableRow {
    var place: Place
    var matches: Bool

    /// A place in the list. The greatest is the first.
    struct Place: Comparable {
        /// The time of the latest activity in milliseconds since 1970.
        var activity: Int64
        var id: Int64

        static func < (one: Place, other: Place) -> Bool {
            (one.activity, one.id) < (other.activity, other.id)
        }
    }

    init(_ row: inout RowReader) throws(DatabaseError) {
        let id: Int64 = try row.next()
        place = Place(activity: try row.next(), id: id)
        let isMatch: Int64 = try row.next()
        matches = isMatch != 0
    }
}

/// The statements for each kind of filter.
struct ConversationSearchStatements: Preparable {
    private let all: Statement<ConversationSearchRow>
    private let allOfType: Statement<ConversationSearchRow>
    private let unread: Statement<ConversationSearchRow>
    private let unreadOfType: Statement<ConversationSearchRow>

    init(_ connection: Connection) {
        func statement(ofType: Bool, unreadOnly: Bool) -> Statement<ConversationSearchRow> {
            .reading(connection, ConversationSearchSQL.step(ofType: ofType, unreadOnly: unreadOnly))
        }
        all = statement(ofType: false, unreadOnly: false)
        allOfType = statement(ofType: true, unreadOnly: false)
        unread = statement(ofType: false, unreadOnly: true)
        unreadOfType = statement(ofType: true, unreadOnly: true)
    }

    func prepare() throws(DatabaseError) {
        for statement in [all, allOfType, unread, unreadOfType] { try statement.prepare() }
    }

    /// Looks at conversations of a user, in the list's order, unread ones alone where the filter says so.
    ///
    /// - Parameters:
    ///   - place: the place behind which it begins; nil: the beginning of the list.
    ///   - count: how many it looks at.
    func rows(
        _ filter: ConversationFilter,
        of userID: Int64,
        behind place: SearchedConversation.Place?,
        count: Int64
    ) throws(DatabaseError) -> [ConversationSearchRow] {
        let pattern = TextPattern.containing(filter.text)
        let time = place?.activity
        let id = place?.id ?? .max
        if let type = filter.type?.rawValue {
            let statement = filter.isUnreadOnly ? unreadOfType : allOfType
            return try statement.rows(pattern, pattern, userID, type, time, time, id, count, userID)
        }
        let statement = filter.isUnreadOnly ? unread : all
        return try statement.rows(pattern, pattern, userID, time, time, id, count, userID)
    }
}
