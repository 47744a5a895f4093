/// What a change of the database's is of interest to.
public enum ChangeSubject: Hashable, Sendable {
    /// The messages of a conversation, by `orbia_conversation.id`.
    case messages(conversation: Int64)
    /// The list of conversations of a user, by `orbia_user.id`.
    case conversations(user: Int64)
}
