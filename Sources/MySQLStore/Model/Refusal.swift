/// A reason that lies with the caller or with the conversation's state, not with the database. The raw values are the
/// outcomes of the routines in schema.sql.
public enum Refusal: String, Error, Sendable {
    /// No user has the id.
    case unknownUser = "unknown_user"
    /// The user's status is not `normal`: disabled, deleted, NULL, or a value that the platform has added.
    case userNotNormal = "user_not_normal"
    /// There is no such conversation, or it is softly deleted.
    case noConversation = "no_conversation"
    /// The user is not a member of the conversation.
    case notAMember = "not_a_member"
    /// The conversation is closed and takes no more messages.
    case conversationClosed = "conversation_closed"
    /// The conversation's newest message, or the database's clock, is at the last time that the database
    /// can store: nothing can come after it.
    case endOfTime = "end_of_time"
    /// The sender has used the idempotency key for another message in this conversation.
    case otherContent = "other_content"
    /// The conversation has no message with the id that the new one is to quote, or none that can be quoted.
    case noQuotedMessage = "no_quoted_message"
    /// The conversation has no message with the id, or that was deleted.
    case unknownMessage = "unknown_message"
    /// The message is another's, or a system message.
    case notTheSender = "not_the_sender"
    /// The message is older than its sender may recall it.
    case recallTooLate = "recall_too_late"
}
