// A connection with every statement that requests run.

/// A connection to one host, and the statements that requests run on it. Each is prepared when it is first run.
final class PreparedStatements {
    let connection: Connection
    /// The index of its host among the settings' addresses.
    let host: Int

    let conversationID: Statement<ConversationIDRow>
    let membership: MembershipStatement<MessagesConversationRow>
    let messagesBackward: MessagePageStatements
    let membershipAndNewer: MembershipStatement<NewerMessagesRow>
    let messagesForward: MessagePageStatements

    let conversation: MembershipStatement<Conversation>
    let conversationOfOrder: Statement<MembershipRow<Conversation>>
    let members: Statement<Member>

    let conversationCount: Statement<ConversationCounts>
    let conversationCountOfMany: Statement<ConversationCounts>
    let conversationCountOfType: Statement<ConversationCounts>
    let conversationCountIfChanged: Statement<ConversationCounts>
    let conversationCountOfTypeIfChanged: Statement<ConversationCounts>
    let unreadCount: Statement<ConversationCounts>
    let conversationSearch: ConversationSearchStatements
    let conversationListBeginning: Statement<ConversationPageRow>
    let conversationListBeginningOfType: Statement<ConversationPageRow>
    let conversationPage: Statement<ConversationPageRow>
    let conversationPageOfType: Statement<ConversationPageRow>
    let changedConversations: Statement<ConversationChangeRow>
    let changesOfPage: PageStatement<ChangedConversationRow>
    let membersOfPage: PageStatement<ConversationMemberRow>

    let search: SearchStatements

    let send: Statement<SendRow>
    let verifySend: Statement<SendRow>
    let recall: Statement<RecallRow>
    let verifyRecall: Statement<RecallRow>
    let markRead: Statement<MarkReadRow>
    let verifyMarkRead: Statement<MarkReadRow>

    init(on connection: Connection, host: Int) {
        self.connection = connection
        self.host = host

        conversationID = .reading(connection, ConversationIDSQL.id)
        membership = MembershipStatement(connection, columns: MessagesConversationRow.columns)
        messagesBackward = MessagePageStatements(connection, .backward)
        membershipAndNewer = MembershipStatement(connection, columns: NewerMessagesRow.columns)
        messagesForward = MessagePageStatements(connection, .forward)

        conversation = MembershipStatement(connection, columns: ConversationSQL.columns)
        conversationOfOrder = .reading(connection, ConversationSQL.ofOrder)
        members = .reading(connection, ConversationSQL.members)

        conversationCount = .reading(connection, ConversationCountsSQL.count)
        conversationCountOfMany = .reading(connection, ConversationCountsSQL.countOfMany)
        conversationCountOfType = .reading(connection, ConversationCountsSQL.countOfType)
        conversationCountIfChanged = .reading(connection, ConversationCountsSQL.countIfChanged(ofType: false))
        conversationCountOfTypeIfChanged = .reading(connection, ConversationCountsSQL.countIfChanged(ofType: true))
        unreadCount = .reading(connection, ConversationCountsSQL.unreadOnly)
        conversationSearch = ConversationSearchStatements(connection)
        conversationListBeginning = .reading(connection, ConversationListSQL.beginning(ofType: false))
        conversationListBeginningOfType = .reading(connection, ConversationListSQL.beginning(ofType: true))
        conversationPage = .reading(connection, ConversationListSQL.page(ofType: false))
        conversationPageOfType = .reading(connection, ConversationListSQL.page(ofType: true))
        changedConversations = .reading(connection, ConversationChangesSQL.changed)
        changesOfPage = PageStatement(connection, ConversationChangesSQL.conversations)
        membersOfPage = PageStatement(connection, ConversationListSQL.members)

        search = SearchStatements(connection)

        send = Statement(connection, SendMessageSQL.send)
        verifySend = .reading(connection, SendMessageSQL.verifySend)
        recall = Statement(connection, RecallMessageSQL.recall)
        verifyRecall = .reading(connection, RecallMessageSQL.verifyRecall)
        markRead = Statement(connection, MarkReadSQL.markRead)
        verifyMarkRead = .reading(connection, MarkReadSQL.verifyMarkRead)
    }

    /// Prepares the statements of all properties, which shows whether the account may use every table, column and
    /// routine in them.
    func prepareAll() throws(DatabaseError) {
        for property in Mirror(reflecting: self).children {
            try (property.value as? any Preparable)?.prepare()
        }
    }
}

/// A statement with rows of any type, or several.
protocol Preparable {
    func prepare() throws(DatabaseError)
}

extension Statement: Preparable {}

extension Statement {
    /// A SELECT for a request. It does not wait for a locked table: an ALTER may hold the lock for minutes, and a
    /// worker that waits serves nobody.
    static func reading(_ connection: Connection, _ sql: String) -> Statement {
        Statement(connection, SessionSettings.withoutWaiting + sql)
    }
}
