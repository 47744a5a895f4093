// One connection with every statement of the service's requests.

/// A connection to one host, and the statements that requests run on it.
final class PreparedStatements {
    let connection: Connection
    /// The place of its host among the settings' addresses.
    let host: Int

    let conversationID: Statement<ConversationID>
    let membership: MembershipStatement<ConversationID>
    let pagesBackward: PageStatements
    let membershipWithNewer: MembershipStatement<ConversationWithNewer>
    let pagesForward: PageStatements

    let conversation: MembershipStatement<Conversation>
    let members: Statement<Member>

    let count: Statement<CountRow>
    let countOfType: Statement<CountRow>
    let page: Statement<ListedConversationRow>
    let pageOfType: Statement<ListedConversationRow>
    let membersOfDefaultPage: Statement<MemberRow>
    let membersOfLargestPage: Statement<MemberRow>

    let send: Statement<SendRow>
    let sent: Statement<SendRow>
    let markRead: Statement<MarkReadRow>
    let markedRead: Statement<MarkReadRow>

    init(on connection: Connection, host: Int) {
        self.connection = connection
        self.host = host

        conversationID = .reading(connection, ConversationSQL.id)
        membership = MembershipStatement(connection, columns: ConversationID.columns)
        pagesBackward = PageStatements(connection, .backward)
        membershipWithNewer = MembershipStatement(connection, columns: ConversationWithNewer.columns)
        pagesForward = PageStatements(connection, .forward)

        conversation = MembershipStatement(connection, columns: ConversationSQL.columns)
        members = .reading(connection, ConversationSQL.members)

        count = .reading(connection, ConversationListSQL.count(ofType: false))
        countOfType = .reading(connection, ConversationListSQL.count(ofType: true))
        page = .reading(connection, ConversationListSQL.page(ofType: false))
        pageOfType = .reading(connection, ConversationListSQL.page(ofType: true))
        let (defaultSize, largestSize) = (ConversationListSQL.defaultPageSize, ConversationListSQL.largestPageSize)
        membersOfDefaultPage = .reading(connection, ConversationListSQL.members(of: defaultSize))
        membersOfLargestPage = .reading(connection, ConversationListSQL.members(of: largestSize))

        send = Statement(connection, WriteSQL.send)
        sent = .reading(connection, WriteSQL.sent)
        markRead = Statement(connection, WriteSQL.markRead)
        markedRead = .reading(connection, WriteSQL.markedRead)
    }

    /// Prepares all of them, which shows whether the account may use what they name.
    func prepareAll() throws(DatabaseError) {
        let pairs = [
            membership.all, membershipWithNewer.all, conversation.all, pagesBackward.all, pagesForward.all,
        ]
        let others: [any Preparable] = [
            conversationID, members, count, countOfType, page, pageOfType, membersOfDefaultPage, membersOfLargestPage,
            send, sent,
            markRead, markedRead,
        ]
        for statement in pairs.joined() + others { try statement.prepare() }
    }
}

/// A statement, whatever its rows are.
protocol Preparable {
    func prepare() throws(DatabaseError)
}

extension Statement: Preparable {}

extension Statement {
    /// A SELECT for a request: it waits for no table that is locked, since whoever has locked one (an ALTER) may
    /// take minutes, and a worker that waits serves nobody.
    static func reading(_ connection: Connection, _ sql: String) -> Statement {
        Statement(connection, SessionSettings.withoutWaiting + sql)
    }
}
