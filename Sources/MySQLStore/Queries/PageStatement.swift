// The statement that reads something of each conversation of a page.

/// A statement whose last parameters are a list of conversations. It is kept prepared for the lengths of the default page
/// and of the largest one.
struct PageStatement<Row: DecodableRow>: Preparable {
    private let ofDefaultPage: Statement<Row>
    private let ofLargestPage: Statement<Row>

    /// - Parameter sql: gives the statement for a list of so many conversations.
    init(_ connection: Connection, _ sql: (Int) -> String) {
        ofDefaultPage = .reading(connection, sql(ConversationListSQL.defaultPageSize))
        ofLargestPage = .reading(connection, sql(ConversationListSQL.largestPageSize))
    }

    func prepare() throws(DatabaseError) {
        try ofDefaultPage.prepare()
        try ofLargestPage.prepare()
    }

    /// The rows of the conversations.
    ///
    /// - Parameters:
    ///   - first: the parameters in front of the list.
    ///   - ids: at least one conversation, and at most those of the largest page.
    func rows(_ first: [Int64] = [], forEach ids: [Int64]) throws(DatabaseError) -> [Row] {
        let fitsDefault = ids.count <= ConversationListSQL.defaultPageSize
        let length = fitsDefault ? ConversationListSQL.defaultPageSize : ConversationListSQL.largestPageSize
        // The rest of the list repeats a conversation, which is read once all the same.
        let rest = repeatElement(ids[ids.count - 1], count: length - ids.count)
        return try (fitsDefault ? ofDefaultPage : ofLargestPage).rows(forEach: first + ids + rest)
    }
}
