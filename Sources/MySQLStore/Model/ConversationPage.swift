/// One page of a user's conversations, latest activity first.
public struct ConversationPage: Sendable {
    /// The conversations of this page.
    public var conversations: [Conversation]
    /// The number of conversations on all pages.
    public var total: Int64
    /// The number of unread messages in all of the user's conversations, of every type.
    public var totalUnread: Int64
    /// The cursor behind this page. It is of use where the page is the first one.
    public var cursor: ChangeCursor
}
