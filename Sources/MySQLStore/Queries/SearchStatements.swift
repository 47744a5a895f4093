// The prepared statements of search_messages.

/// The statements of a search. The server stops those that look at contents after `SearchPace.statementLimit`.
struct SearchStatements: Preparable {
    let conversation: MembershipStatement<SearchedConversationRow>
    let furtherStepEnd: Statement<SearchStepEndRow>
    let byActivity: Statement<SearchListRow>
    let again: Statement<SearchListRow>
    let messages: Statement<SearchedMessageRow>
    let weights: Statement<CharacterWeightRow>
    private let steps: [SearchSQL.Content: Statement<SearchHit>]
    private let conversations: [SearchSQL.Content: Statement<SearchHit>]

    init(_ connection: Connection) {
        conversation = MembershipStatement(connection, columns: SearchedConversationRow.columns)
        furtherStepEnd = .reading(connection, SearchSQL.furtherStepEnd)
        byActivity = .reading(connection, SearchSQL.byActivity)
        again = .reading(connection, SearchSQL.again)
        messages = .reading(connection, SearchSQL.messages)
        weights = .reading(connection, SearchSQL.weights)
        steps = Self.each { .searching(connection, SearchSQL.step($0)) }
        conversations = Self.each { .searching(connection, SearchSQL.conversations($0)) }
    }

    private static func each(
        _ statement: (SearchSQL.Content) -> Statement<SearchHit>
    ) -> [SearchSQL.Content: Statement<SearchHit>] {
        Dictionary(uniqueKeysWithValues: SearchSQL.Content.allCases.map { ($0, statement($0)) })
    }

    func prepare() throws(DatabaseError) {
        try conversation.prepare()
        try furtherStepEnd.prepare()
        try byActivity.prepare()
        try again.prepare()
        try messages.prepare()
        try weights.prepare()
        for content in SearchSQL.Content.allCases {
            try steps[content]?.prepare()
            try conversations[content]?.prepare()
        }
    }

    /// The step of a size that begins at a place in a conversation.
    func step(
        in conversation: Int64,
        from begin: SearchCursor.MessagePosition,
        _ size: Int
    ) throws(DatabaseError) -> SearchWalk.Step {
        let row = try furtherStepEnd.row(begin.time, begin.time, begin.id, Int64(size - 1), conversation)
        return SearchWalk.Step(begin: begin, end: row?.end)
    }

    /// The messages of a step that are found, the newest first.
    func hits(
        of target: SearchTarget,
        in conversation: Int64,
        _ step: SearchWalk.Step,
        limit: Int
    ) throws(DatabaseError) -> [SearchHit] {
        guard let statement = steps[target.content] else { return [] }
        let (begin, end) = (step.begin, step.end ?? SearchCursor.MessagePosition(time: 0, id: 0))
        let (type, limit) = (target.type, Int64(limit))
        guard let text = target.text else {
            return try statement.rows(
                conversation,
                begin.time,
                begin.time,
                begin.id,
                end.time,
                end.time,
                end.id,
                type,
                type,
                limit
            )
        }
        return try statement.rows(
            conversation,
            begin.time,
            begin.time,
            begin.id,
            end.time,
            end.time,
            end.id,
            type,
            type,
            text,
            text,
            limit
        )
    }

    /// The messages that are found in all of these conversations, in no order.
    func hits(of target: SearchTarget, in ids: [Int64]) throws(DatabaseError) -> [SearchHit] {
        guard let statement = conversations[target.content] else { return [] }
        guard let text = target.text else { return try statement.rows(jsonArray(ids), target.type, target.type) }
        return try statement.rows(jsonArray(ids), target.type, target.type, text, text)
    }
}

/// What the statements of a search look for.
struct SearchTarget {
    let content: SearchSQL.Content
    /// The parameter of `content`; nil: it has none.
    let text: String?
    let type: String?
    /// What was searched for; nil: a type alone.
    let query: String?

    /// The same without its content.
    var ofAnyContent: SearchTarget { SearchTarget(MessageSearch(text: nil, type: type, conversation: nil)) }

    init(_ search: MessageSearch) {
        type = search.type
        query = search.text
        guard let text = search.text else {
            content = .anything
            self.text = nil
            return
        }
        // No other character is like a Chinese one: then bytes tell the same, in two thirds of the time.
        let isByBytes = text.unicodeScalars.allSatisfy { CharacterWeights.isOnlyItself($0.value) }
        content = isByBytes ? .bytes : .pattern
        self.text = isByBytes ? text : TextPattern.containing(text)
    }
}

/// Integers as a JSON array.
func jsonArray(_ values: some Sequence<Int64>) -> String {
    "[\(values.map(String.init).joined(separator: ","))]"
}

extension Statement {
    /// A SELECT that looks through messages, which the server stops in time.
    fileprivate static func searching(_ connection: Connection, _ sql: String) -> Statement {
        Statement(connection, SessionSettings.withoutWaiting(limit: SearchPace.statementLimit) + sql)
    }
}
