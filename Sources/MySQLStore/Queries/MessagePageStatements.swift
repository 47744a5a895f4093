// The statements that read a page of a conversation's messages.

enum MessageSQL {
    /// The columns of a message m with the sender u, and with what it quotes: see `joins`.
    static let columns = "\(ownColumns), IF(m.reply_to IS NULL, NULL, \(quote))"

    private static let ownColumns = """
        m.message_id, m.sender_id, u.nickname, u.avatar_url, COALESCE(m.message_type, 'text'), \
        COALESCE(m.content, ''), m.file_name, m.file_size, \
        m.file_type, COALESCE(m.status, 'sent'), CAST(UNIX_TIMESTAMP(m.created_at) * 1000 AS SIGNED), \
        IF(m.client_message_id LIKE '\(NewMessage.reservedKeyPrefix)%', NULL, m.client_message_id), \
        IF(m.message_type = 'system', m.event, NULL)
        """

    /// The sender of a message m, and the message that it quotes with that one's sender. Of a message that quotes none
    /// nothing is looked up for it.
    static let joins = """
        \(senderJoin)
        LEFT JOIN orbia_message q ON q.id = m.reply_to
        LEFT JOIN orbia_user qu ON qu.id = q.sender_id
        """

    private static let senderJoin = "LEFT JOIN orbia_user u ON u.id = m.sender_id"

    /// What an answer shows of a quoted message q with the sender qu, as JSON; NULL where the row is gone.
    /// orbia_post_message answers with the same.
    static let quote = """
        CASE WHEN q.id IS NULL THEN NULL \
        WHEN q.deleted_at IS NULL THEN JSON_OBJECT(\(quoteMembers), \
        'content', LEFT(COALESCE(q.content, ''), 200), 'file_name', q.file_name) \
        ELSE JSON_OBJECT(\(quoteMembers), 'recalled', TRUE) END
        """

    private static let quoteMembers = """
        'message_id', q.message_id, 'sender_id', q.sender_id, \
        'sender_nickname', COALESCE(NULLIF(qu.nickname, ''), CONCAT('用户', q.sender_id)), \
        'message_type', COALESCE(q.message_type, 'text')
        """

    /// The direction in which a page goes from its bound.
    enum Direction {
        /// The messages before the bound, the newest first.
        case backward
        /// The messages after the bound, the oldest first.
        case forward

        fileprivate var comparison: String { self == .backward ? "<" : ">" }
        fileprivate var order: String { self == .backward ? "DESC" : "ASC" }
        fileprivate var nearest: String { self == .backward ? "MAX" : "MIN" }
    }

    /// An exclusive bound in milliseconds. NULL, and a time that is later than a TIMESTAMP of this server, are no
    /// bound.
    private static let bound = TimeSQL.timeOrEnd

    /// The beginning of a page's statement. Without `withQuotes` a message that quotes another one has an empty text in
    /// place of that.
    private static func selection(withQuotes: Bool) -> String {
        """
        SELECT \(withQuotes ? columns : "\(ownColumns), IF(m.reply_to IS NULL, NULL, '')")
        FROM orbia_message m
        \(withQuotes ? joins : senderJoin)
        """
    }

    /// Parameters: the conversation, the bound, the limit.
    static func page(_ direction: Direction, withQuotes: Bool) -> String {
        """
        \(selection(withQuotes: withQuotes))
        WHERE m.conversation_id = ? AND m.created_at \(direction.comparison) \(bound)
          AND m.deleted_at IS NULL
        ORDER BY m.created_at \(direction.order), m.id \(direction.order)
        LIMIT ?
        """
    }

    /// The page up to a time, with all messages of that time, and with those of the next time behind it. Parameters:
    /// the conversation, the bound, the conversation again, and twice the time.
    static func wholePage(_ direction: Direction, withQuotes: Bool) -> String {
        let limit = direction == .backward ? ">=" : "<="
        return """
            \(selection(withQuotes: withQuotes))
            WHERE m.conversation_id = ? AND m.created_at \(direction.comparison) \(bound)
              AND m.created_at \(limit) COALESCE(
                  (SELECT \(direction.nearest)(n.created_at) FROM orbia_message n
                   WHERE n.conversation_id = ? AND n.created_at \(direction.comparison) \(TimeSQL.time)
                     AND n.deleted_at IS NULL),
                  \(TimeSQL.time))
              AND m.deleted_at IS NULL
            ORDER BY m.created_at \(direction.order), m.id \(direction.order)
            """
    }
}

/// Messages in a statement's order, the buffer of their texts, and whether there are more.
typealias FoundMessages = (messages: [Message<PageText>], texts: [UInt8], hasMore: Bool)

extension [Message<PageText>] {
    /// Says of the user's own messages until when they can be recalled.
    ///
    /// - Parameter now: the database's time in milliseconds since 1970.
    mutating func setRecallTimes(_ times: RecallTimes, for userID: Int64, texts: [UInt8], now: Int64) {
        for index in indices where self[index].senderID == userID {
            let type = texts[self[index].type.range]
            guard !type.elementsEqual("system".utf8) else { continue }
            self[index].recallableUntil = times.end(
                ofText: type.elementsEqual("text".utf8),
                createdAt: self[index].createdAt,
                now: now
            )
        }
    }
}

/// The statements for pages in one direction. To read what messages quote takes the database a fifth longer, also where
/// none does; so there are statements without it.
struct MessagePageStatements: Preparable {
    private let plain: Pair
    private let quoting: Pair

    init(_ connection: Connection, _ direction: MessageSQL.Direction) {
        plain = Pair(connection, direction, withQuotes: false)
        quoting = Pair(connection, direction, withQuotes: true)
    }

    func prepare() throws(DatabaseError) {
        try plain.prepare()
        try quoting.prepare()
    }

    /// Up to `limit` messages from a bound on, in the statement's order, and whether there are more. A page that would
    /// end between messages of one time holds all of them, since the next page begins behind that time.
    ///
    /// - Parameter hasQuotes: whether the conversation is known to have messages that quote others.
    func messages(
        of conversation: Int64,
        from bound: Int64?,
        limit: Int,
        hasQuotes: Bool
    ) throws(DatabaseError) -> FoundMessages {
        if !hasQuotes {
            let found = try plain.messages(of: conversation, from: bound, limit: limit)
            // The first one may have been sent since that was read.
            guard found.messages.contains(where: { $0.quote != nil }) else { return found }
        }
        return try quoting.messages(of: conversation, from: bound, limit: limit)
    }
}

/// The two statements of a page.
private struct Pair: Preparable {
    let page: Statement<Message<PageText>>
    let wholePage: Statement<Message<PageText>>

    init(_ connection: Connection, _ direction: MessageSQL.Direction, withQuotes: Bool) {
        page = .reading(connection, MessageSQL.page(direction, withQuotes: withQuotes))
        wholePage = .reading(connection, MessageSQL.wholePage(direction, withQuotes: withQuotes))
    }

    func prepare() throws(DatabaseError) {
        try page.prepare()
        try wholePage.prepare()
    }

    func messages(
        of conversation: Int64,
        from bound: Int64?,
        limit: Int
    ) throws(DatabaseError) -> FoundMessages {
        // One message more than the limit tells whether there are more.
        var (messages, texts) = try page.rowsAndTexts(conversation, bound, Int64(limit) + 1)
        guard messages.count > limit else { return (messages, texts, false) }
        let end = messages[limit - 1].createdAt
        if messages[limit].createdAt == end {
            (messages, texts) = try wholePage.rowsAndTexts(conversation, bound, conversation, end, end)
        }
        let whole = messages.prefix(limit) + messages.dropFirst(limit).prefix { $0.createdAt == end }
        return (Array(whole), texts, whole.count < messages.count)
    }
}

extension Message: DecodableRow where Text == PageText {
    init(_ row: inout RowReader) throws(DatabaseError) {
        messageID = try row.next()
        senderID = try row.next()
        senderNickname = try row.next()
        senderAvatarURL = try row.next()
        type = try row.next()
        content = try row.next()
        fileName = try row.next()
        fileSize = try row.next()
        fileType = try row.next()
        status = try row.next()
        createdAt = try row.next()
        clientMessageID = try row.next()
        event = try row.next()
        quote = try row.next()
    }
}
