// Why the store did not do what it was asked to.

/// Why the store did not do what it was asked to: a matter of who asks and of the conversation's
/// state, not of the database. Raw values are the outcomes of the routines in schema.sql.
public enum Refusal: String, Error, Sendable {
    /// No user has the id.
    case unknownUser = "unknown_user"
    /// The user's status is disabled or deleted.
    case userNotNormal = "user_not_normal"
    /// No such conversation, or a softly deleted one.
    case noConversation = "no_conversation"
    /// The user is not a member of the conversation.
    case notAMember = "not_a_member"
    /// The conversation is closed and takes no more messages.
    case conversationClosed = "conversation_closed"
    /// The conversation's newest message, or the database's clock, is at the last time that the database
    /// can store: nothing can come after it.
    case endOfTime = "end_of_time"
    /// The sender has used the key for another message in this conversation.
    case otherContent = "other_content"
}

/// What a call of the store can end with instead of a value.
public enum StoreError: Error, Sendable {
    /// The caller may not, or the conversation's state does not allow it. Nothing was changed.
    case refused(Refusal)
    /// There is no connection to the database, and none could be made.
    case unavailable(DatabaseError)
    /// The database did not do it.
    case failed(DatabaseError)
}

/// The value; a database error becomes the store's.
func orFail<Value>(_ body: () throws(DatabaseError) -> Value) throws(StoreError) -> Value {
    do {
        return try body()
    } catch {
        throw .failed(error)
    }
}
