internal import MySQLStore

/// A decoded request of one of the endpoints.
protocol Endpoint {
    /// Decodes the body's fields. Throws a 400 for one that is not as the contract demands.
    init(_ fields: RequestFields) throws(APIError)

    /// The conversation that the request names; nil where it names none.
    var namedConversation: ConversationReference? { get }

    /// The conversation that the request writes to; nil where it only reads.
    var writtenConversation: ConversationReference? { get }

    /// Whether the request looks through many rows.
    var searches: Bool { get }

    /// Does what the request asks, as the user, and writes the answer's members in front of `base_resp`.
    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError)
}

extension Endpoint {
    var namedConversation: ConversationReference? { nil }
    var writtenConversation: ConversationReference? { nil }
    var searches: Bool { false }
}
