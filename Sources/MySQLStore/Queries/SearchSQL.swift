// The statements of search_messages.

enum SearchSQL {
    /// How many messages a conversation has at the most that is searched together with others.
    static let smallConversation = 200
    /// How many conversations are searched together.
    static let batch = 100

    /// What is looked for in a message's texts.
    enum Content: CaseIterable {
        /// Nothing.
        case anything
        /// The bytes of a text. Two statements' parameters: the text, twice.
        case bytes
        /// A pattern of LIKE, which compares character by character by the collation's weights. Parameters: the pattern,
        /// twice.
        case pattern

        /// Whether a message m contains it. The platform may have given its columns another character set.
        fileprivate var condition: String {
            switch self {
            case .anything: ""
            case .bytes: "AND (\(Self.hasBytes("m.content")) OR \(Self.hasBytes("m.file_name")))"
            case .pattern: "AND (\(Self.isLike("m.content")) OR \(Self.isLike("m.file_name")))"
            }
        }

        private static func hasBytes(_ column: String) -> String {
            "LOCATE(CAST(? AS BINARY), CAST(CONVERT(\(column) USING utf8mb4) AS BINARY)) > 0"
        }

        private static func isLike(_ column: String) -> String {
            "CONVERT(\(column) USING utf8mb4) \(TextPattern.matches)"
        }
    }

    private static let bound = TimeSQL.timeOrEnd

    /// Whether a message comes before a place in its conversation. Parameters: the time, twice, and the id.
    private static func isBefore(_ message: String) -> String {
        """
        \(message).created_at <= \(bound) AND (\(message).created_at < \(bound) OR \(message).id < ?)
        """
    }

    // MARK: Within a conversation

    /// The end of a step: the last message of it, as `{milliseconds}-{id}`, of a conversation named c. Parameters: where
    /// the step begins, and how many messages it has less one.
    static let stepEnd = """
        (SELECT CONCAT(CAST(UNIX_TIMESTAMP(n.created_at) * 1000 AS SIGNED), '-', n.id) FROM orbia_message n
         WHERE n.conversation_id = c.id AND \(isBefore("n"))
         ORDER BY n.created_at DESC, n.id DESC
         LIMIT 1 OFFSET ?)
        """

    /// The end of a further step. Parameters: those of `stepEnd`, and the conversation.
    static let furtherStepEnd = "SELECT \(stepEnd) FROM orbia_conversation c WHERE c.id = ?"

    /// The messages of a step that are found, the newest first. Parameters: the conversation, where the step begins, the
    /// time, twice, and the id of its last message, the type, twice, the content, and the limit.
    static func step(_ content: Content) -> String {
        """
        SELECT m.conversation_id, CAST(UNIX_TIMESTAMP(m.created_at) * 1000 AS SIGNED), m.id
        FROM orbia_message m
        WHERE m.conversation_id = ? AND \(isBefore("m"))
          AND m.created_at >= \(TimeSQL.time) AND (m.created_at > \(TimeSQL.time) OR m.id >= ?)
          AND m.deleted_at IS NULL AND \(ofType) \(content.condition)
        ORDER BY m.created_at DESC, m.id DESC
        LIMIT ?
        """
    }

    /// Parameters: the type, twice; NULL: any.
    private static let ofType = "(? IS NULL OR COALESCE(m.message_type, 'text') = ?)"

    // MARK: Over all conversations

    /// The caller's status, the database's time, and the conversations that a walk along activity comes to next, in no
    /// order. Parameters: the user, the last activity, twice, and the conversation below which it goes on, the limit, the
    /// user.
    static let byActivity = list(
        "m.last_activity_at <= \(bound) AND (m.last_activity_at < \(bound) OR m.conversation_id < ?)",
        orderedBy: "m.last_activity_at DESC, m.conversation_id DESC"
    )

    /// The same along ids. Parameters: the user, since when the conversations have been active, the conversation below
    /// which it goes on, the limit, the user.
    static let again = list(
        "m.last_activity_at >= \(TimeSQL.time) AND m.conversation_id < ?",
        orderedBy: "m.conversation_id DESC"
    )

    private static func list(_ condition: String, orderedBy order: String) -> String {
        """
        SELECT \(ConversationCountsSQL.statusAndTime(of: "s")), k.conversation_id,
               CAST(UNIX_TIMESTAMP(k.last_activity_at) * 1000 AS SIGNED), COALESCE(k.is_large, 0)
        FROM orbia_user s
        LEFT JOIN (
            SELECT m.conversation_id, m.last_activity_at,
                   (SELECT 1 FROM orbia_message n WHERE n.conversation_id = m.conversation_id
                    ORDER BY n.created_at DESC, n.id DESC
                    LIMIT 1 OFFSET \(smallConversation)) AS is_large
            FROM orbia_conversation_member m
            STRAIGHT_JOIN orbia_conversation c ON c.id = m.conversation_id AND c.deleted_at IS NULL
            WHERE m.user_id = ? AND \(condition)
            ORDER BY \(order)
            LIMIT ?) k ON TRUE
        WHERE s.id = ?
        """
    }

    /// The messages that are found in several conversations, in no order. Parameters: the conversations as a JSON array,
    /// the type, twice, and the content.
    static func conversations(_ content: Content) -> String {
        """
        SELECT m.conversation_id, CAST(UNIX_TIMESTAMP(m.created_at) * 1000 AS SIGNED), m.id
        FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j
        STRAIGHT_JOIN orbia_message m ON m.conversation_id = j.id
        WHERE m.deleted_at IS NULL AND \(ofType) \(content.condition)
        """
    }

    // MARK: What was found

    /// Messages with their conversations, in no order, where the user is a member. Parameters: their ids as a JSON array,
    /// and the user.
    static let messages = """
        SELECT m.id, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED), c.id, c.conversation_id, c.title, \(MessageSQL.columns)
        FROM JSON_TABLE(?, '$[*]' COLUMNS (id BIGINT PATH '$')) j
        STRAIGHT_JOIN orbia_message m ON m.id = j.id AND m.deleted_at IS NULL
        STRAIGHT_JOIN orbia_conversation c ON c.id = m.conversation_id AND c.deleted_at IS NULL
        STRAIGHT_JOIN orbia_conversation_member p ON p.conversation_id = c.id AND p.user_id = ?
        \(MessageSQL.joins)
        """

    /// The weights of characters. Parameter: their code points as a JSON array.
    static let weights = """
        SELECT j.point, HEX(WEIGHT_STRING(CONVERT(CHAR(j.point USING utf32) USING utf8mb4) COLLATE \(TextPattern.collation)))
        FROM JSON_TABLE(?, '$[*]' COLUMNS (point BIGINT PATH '$')) j
        """
}

// MARK: Rows

/// A conversation's id, and where its first step ends.
struct SearchedConversationRow: DecodableRow {
    static let columns = "c.id, \(SearchSQL.stepEnd)"

    var id: Int64
    var end: SearchCursor.MessagePosition?

    init(_ row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        end = try SearchStepEndRow(&row).end
    }
}

/// The last message of a step; nil: the step goes to the conversation's first message.
struct SearchStepEndRow: DecodableRow {
    var end: SearchCursor.MessagePosition?

    init(_ row: inout RowReader) throws(DatabaseError) {
        guard let text: String = try row.next() as String? else { return }
        let parts = text.split(separator: "-").compactMap { Int64($0) }
        guard parts.count == 2 else { throw .unexpectedRow("\(text) is no message") }
        end = SearchCursor.MessagePosition(time: parts[0], id: parts[1])
    }
}

/// The caller's status, the database's time, and a conversation to be searched.
struct SearchListRow: DecodableRow, UserStatusRow {
    struct Listed: DecodableRow {
        var id: Int64
        /// Milliseconds since 1970.
        var activity: Int64
        /// Whether it has more messages than are searched together with those of others.
        var isLarge: Bool

        init(_ row: inout RowReader) throws(DatabaseError) {
            id = try row.next()
            activity = try row.next()
            let mark: Int64 = try row.next()
            isLarge = mark != 0
        }
    }

    var userStatus: String
    /// Milliseconds since 1970.
    var now: Int64
    /// nil where there is none.
    var listed: Listed?

    init(_ row: inout RowReader) throws(DatabaseError) {
        userStatus = try row.next()
        now = try row.next()
        listed = try row.leftJoined()
    }
}

/// A message that was found.
struct SearchHit: DecodableRow {
    var conversation: Int64
    var position: SearchCursor.MessagePosition

    init(_ row: inout RowReader) throws(DatabaseError) {
        conversation = try row.next()
        position = SearchCursor.MessagePosition(time: try row.next(), id: try row.next())
    }
}

/// A message that was found, whole.
struct SearchedMessageRow: DecodableRow {
    /// `orbia_message.id`.
    var id: Int64
    /// The database's time in milliseconds since 1970.
    var now: Int64
    var conversation: SearchPage.FoundConversation
    var message: Message<PageText>

    init(_ row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        now = try row.next()
        conversation = SearchPage.FoundConversation(id: try row.next(), code: try row.next(), title: try row.next())
        message = try Message(&row)
    }
}

/// A character's code point, and its weights in hexadecimal.
struct CharacterWeightRow: DecodableRow {
    var point: Int64
    var weights: String

    init(_ row: inout RowReader) throws(DatabaseError) {
        point = try row.next()
        weights = try row.next()
    }
}
