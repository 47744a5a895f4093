// get_messages: two statements, whatever the conversation's size; one where nothing is new.

enum MessageSQL {
    private static let columns = """
        m.message_id, m.sender_id, u.nickname, u.avatar_url, COALESCE(m.message_type, 'text'), \
        COALESCE(m.content, ''), m.file_name, m.file_size, \
        m.file_type, COALESCE(m.status, 'sent'), CAST(UNIX_TIMESTAMP(m.created_at) * 1000 AS SIGNED), \
        IF(m.client_message_id LIKE '\(SendKeys.prefix)%', NULL, m.client_message_id)
        """

    /// Which way a page goes from its bound.
    enum Direction {
        /// The newest first, of those before it.
        case backward
        /// The oldest first, of those after it.
        case forward

        fileprivate var comparison: String { self == .backward ? "<" : ">" }
        fileprivate var order: String { self == .backward ? "DESC" : "ASC" }
        fileprivate var nearest: String { self == .backward ? "MAX" : "MIN" }
    }

    /// An exclusive bound in milliseconds; NULL, or later than a TIMESTAMP of this server can be: no bound.
    private static let bound = "COALESCE(FROM_UNIXTIME(? / 1000), TIMESTAMP '9999-12-31 23:59:59')"

    /// Parameters: conversation, bound, limit.
    static func page(_ direction: Direction) -> String {
        """
        SELECT \(columns)
        FROM orbia_message m
        LEFT JOIN orbia_user u ON u.id = m.sender_id
        WHERE m.conversation_id = ? AND m.created_at \(direction.comparison) \(bound)
          AND m.deleted_at IS NULL
        ORDER BY m.created_at \(direction.order), m.id \(direction.order)
        LIMIT ?
        """
    }

    /// The page as far as a time, with all messages of that time, and those of the next time behind it.
    /// Parameters: conversation, bound, the time, conversation, the time.
    static func wholePage(_ direction: Direction) -> String {
        let limit = direction == .backward ? ">=" : "<="
        return """
            SELECT \(columns)
            FROM orbia_message m
            LEFT JOIN orbia_user u ON u.id = m.sender_id
            WHERE m.conversation_id = ? AND m.created_at \(direction.comparison) \(bound)
              AND m.created_at \(limit) COALESCE(
                  (SELECT \(direction.nearest)(n.created_at) FROM orbia_message n
                   WHERE n.conversation_id = ? AND n.created_at \(direction.comparison) FROM_UNIXTIME(? / 1000)
                     AND n.deleted_at IS NULL),
                  FROM_UNIXTIME(? / 1000))
              AND m.deleted_at IS NULL
            ORDER BY m.created_at \(direction.order), m.id \(direction.order)
            """
    }
}

/// The statements for pages that go one way.
struct PageStatements {
    let page: Statement<Message<PageText>>
    let wholePage: Statement<Message<PageText>>

    init(_ connection: Connection, _ direction: MessageSQL.Direction) {
        page = .reading(connection, MessageSQL.page(direction))
        wholePage = .reading(connection, MessageSQL.wholePage(direction))
    }

    /// Both of them.
    var all: [any Preparable] { [page, wholePage] }

    /// Up to `limit` messages from a bound on, in the statement's order, and whether there are more. A
    /// page does not end between messages of the same time: it then holds all of them, since the next
    /// page begins behind that time.
    func messages(
        of conversation: Int64,
        from bound: Int64?,
        limit: Int
    ) throws(DatabaseError) -> (messages: [Message<PageText>], texts: [UInt8], hasMore: Bool) {
        // One more than asked for tells whether there are more.
        var (messages, texts) = try page.page(conversation, bound, Int64(limit) + 1)
        guard messages.count > limit else { return (messages, texts, false) }
        let end = messages[limit - 1].createdAt
        if messages[limit].createdAt == end {
            (messages, texts) = try wholePage.page(conversation, bound, conversation, end, end)
        }
        let whole = messages.prefix(limit) + messages.dropFirst(limit).prefix { $0.createdAt == end }
        return (Array(whole), texts, whole.count < messages.count)
    }
}

/// What is read of a conversation when messages after a time are asked for.
struct ConversationWithNewer: DecodableRow {
    /// Parameter in front of the others: exclusive bound in milliseconds.
    static let columns = """
        c.id, EXISTS (SELECT 1 FROM orbia_message n
                      WHERE n.conversation_id = c.id AND n.created_at > FROM_UNIXTIME(? / 1000)
                        AND n.deleted_at IS NULL)
        """

    var id: Int64
    var hasNewer: Bool

    init(_ row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
        let count: Int64 = try row.next()
        hasNewer = count != 0
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
    }
}

/// Which messages of a conversation. Times are milliseconds since 1970, exclusive; any integer.
public enum MessageCursor: Hashable, Sendable {
    /// The newest, or the newest before a time.
    case before(Int64?)
    /// The oldest after a time.
    case after(Int64)
}

extension Store {
    /// Messages of a conversation, oldest first.
    ///
    /// - Parameter limit: how many, from 1; more where they would end between messages of the same time.
    public func messages(
        of conversation: ConversationReference,
        for userID: Int64,
        _ part: MessageCursor,
        limit: Int
    ) throws(StoreError) -> MessagePage {
        switch part {
        case .before(let time):
            try read(.messages) { statements throws(StoreError) in
                let id = try statements.membership.conversation(conversation, for: userID).id
                let found = try orFail { () throws(DatabaseError) in
                    try statements.pagesBackward.messages(of: id, from: time.map(Self.bound), limit: limit)
                }
                return MessagePage(messages: found.messages.reversed(), texts: found.texts, hasMore: found.hasMore)
            }
        case .after(let time):
            try read(.messages) { statements throws(StoreError) in
                let bound = Self.bound(time)
                let found = try statements.membershipWithNewer.conversation(conversation, for: userID, after: bound)
                guard found.hasNewer else { return MessagePage(messages: [], texts: [], hasMore: false) }
                let page = try orFail { () throws(DatabaseError) in
                    try statements.pagesForward.messages(of: found.id, from: bound, limit: limit)
                }
                return MessagePage(messages: page.messages, texts: page.texts, hasMore: page.hasMore)
            }
        }
    }

    /// FROM_UNIXTIME has no times before 1970; no message is that old.
    private static func bound(_ time: Int64) -> Int64 {
        max(time, 0)
    }
}
