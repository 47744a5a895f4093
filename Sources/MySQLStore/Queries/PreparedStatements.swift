// One connection with every statement of the service prepared on it.

/// What a store has while it is connected: opened and prepared once.
final class Session {
    let connection: Connection
    /// The place of its host among the settings' addresses.
    let host: Int

    let access: AccessStatement<ConversationID>
    let back: PageStatements
    let news: AccessStatement<NewsOfConversation>
    let forth: PageStatements

    let conversation: AccessStatement<Conversation>
    let members: Statement<Member>

    let count: Statement<CountRow>
    let countOfType: Statement<CountRow>
    let page: Statement<ListedConversationRow>
    let pageOfType: Statement<ListedConversationRow>
    let membersOfFew: Statement<MemberRow>
    let membersOfMany: Statement<MemberRow>

    let send: Statement<SendRow>
    let markRead: Statement<MarkReadRow>

    /// - Parameter deadline: when whoever waits for it has lost its patience.
    init(_ settings: DatabaseSettings, host: Int, until deadline: Instant) throws(DatabaseError) {
        self.host = host
        connection = try Connection(settings, host: host, for: .requests, until: deadline)

        access = try AccessStatement(connection, columns: ConversationID.columns)
        back = try PageStatements(connection, .back)
        news = try AccessStatement(connection, columns: NewsOfConversation.columns)
        forth = try PageStatements(connection, .forth)

        conversation = try AccessStatement(connection, columns: ConversationSQL.columns)
        members = try Statement(connection, ConversationSQL.members)

        count = try Statement(connection, ConversationListSQL.count(ofType: false))
        countOfType = try Statement(connection, ConversationListSQL.count(ofType: true))
        page = try Statement(connection, ConversationListSQL.page(ofType: false))
        pageOfType = try Statement(connection, ConversationListSQL.page(ofType: true))
        membersOfFew = try Statement(connection, ConversationListSQL.members(of: ConversationListSQL.few))
        membersOfMany = try Statement(connection, ConversationListSQL.members(of: ConversationListSQL.many))

        send = try Statement(connection, WriteSQL.send)
        markRead = try Statement(connection, WriteSQL.markRead)
    }
}
