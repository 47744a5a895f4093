/// One page of a user's conversations, latest activity first.
public struct ConversationPage: Sendable {
    /// The conversations of this page.
    public var conversations: [Conversation]
    /// The number of conversations on all pages.
    public var total: Int64
    /// Whether the time was over before all of the user's conversations were looked through: `total` is then the number
    /// of those that were found by then, and there may be more.
    public var isIncomplete = false
    /// The unread messages in all of the user's conversations, of every type.
    public var unread: UnreadCounts
    /// The cursor behind this page. It is of use where the page is the first one.
    public var cursor: ChangeCursor
}
