/// What has changed of a user's conversations since a cursor.
public struct ConversationChanges: Sendable {
    /// The conversations that have changed, in the order of their changes. There are at most 100.
    public var conversations: [Conversation] = []
    /// Whether there are more.
    public var hasMore = false
    /// The ids of conversations that were deleted, or that the user has left.
    public var removed: [Int64] = []
    /// Whether the client has to read its list anew, since it cannot be told what has changed.
    public var isReset = false
    /// The unread messages in all of the user's conversations; nil where `conversations` is empty.
    public var unread: UnreadCounts?
    /// The cursor behind this answer.
    public var cursor: ChangeCursor

    /// Nothing has changed since the cursor.
    public init(cursor: ChangeCursor) {
        self.cursor = cursor
    }

    /// Whether there is nothing to tell.
    public var isEmpty: Bool { conversations.isEmpty && removed.isEmpty && !isReset }
}
