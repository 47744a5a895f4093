// The type of a conversation.

internal import MySQLStore

extension RequestFields {
    /// `type`; nil where the key is absent.
    func conversationType() throws(APIError) -> ConversationType? {
        let choices = ConversationType.allCases.map(\.rawValue)
        return try choice("type", among: choices).flatMap(ConversationType.init(rawValue:))
    }
}
