/// How a request names a conversation.
public enum ConversationReference: Hashable, Sendable {
    /// `orbia_conversation.id`.
    case id(Int64)
    /// `orbia_conversation.conversation_id`, of the form `CONV_{ms}_{n}`.
    case code(String)
}
