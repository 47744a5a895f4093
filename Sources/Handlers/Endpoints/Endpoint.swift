// What the five endpoints have in common.

internal import MySQLStore

/// A decoded request of one endpoint.
protocol Endpoint {
    /// Decodes the body; what is wrong with it becomes a 400.
    init(_ fields: Fields) throws(APIError)

    /// The conversation that it writes to; nil: it only reads.
    var writtenConversation: ConversationReference? { get }

    /// Does what was asked for as `userID`, and writes the answer's members in front of `base_resp`.
    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError)
}

extension Endpoint {
    var writtenConversation: ConversationReference? { nil }
}
