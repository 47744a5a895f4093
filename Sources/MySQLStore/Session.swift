// One connection with every statement of the service prepared on it.

/// What a store has while it is connected: opened and prepared once.
final class Session {
    let connection: Connection

    let accessByID: Statement<AccessRow>
    let accessByCode: Statement<AccessRow>
    let messages: Statement<Message<PageText>>

    let conversationByID: Statement<ConversationRow>
    let conversationByCode: Statement<ConversationRow>
    let members: Statement<Member>

    let count: Statement<CountRow>
    let countOfType: Statement<CountRow>
    let page: Statement<ListedConversationRow>
    let pageOfType: Statement<ListedConversationRow>
    let membersOfFew: Statement<MemberRow>
    let membersOfMany: Statement<MemberRow>

    let send: Statement<SendRow>
    let markRead: Statement<MarkReadRow>

    init(_ settings: DatabaseSettings) throws(DatabaseError) {
        connection = try Connection(settings, for: .requests)

        accessByID = try Statement(connection, AccessSQL.access(conversationColumn: "id"))
        accessByCode = try Statement(connection, AccessSQL.access(conversationColumn: "conversation_id"))
        messages = try Statement(connection, MessageSQL.newest)

        conversationByID = try Statement(connection, ConversationSQL.conversation(column: "id"))
        conversationByCode = try Statement(connection, ConversationSQL.conversation(column: "conversation_id"))
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
