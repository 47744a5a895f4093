/// A conversation as one of its members sees it.
public struct Conversation: Sendable {
    /// `orbia_conversation.id`.
    public var id: Int64
    /// `CONV_{ms}_{n}`.
    public var code: String
    /// The title, where one is set.
    public var title: String?
    /// kol_order, ad_order, general or support.
    public var type: String
    /// kol_order or ad_order; nil for a conversation of no order.
    public var relatedOrderType: String?
    /// The order's `order_id`; nil for a conversation of no order.
    public var relatedOrderID: String?
    /// active, archived or closed.
    public var status: String
    /// Milliseconds since 1970; nil before the first message.
    public var lastMessageAt: Int64?
    /// Seconds since 1970.
    public var createdAt: Int64?
    /// The number of others' messages since the member last marked the conversation as read.
    public var unreadCount: Int64
    /// All members, in the order in which they joined.
    public var members: [Member] = []
    /// The newest message. Only the list of conversations has it.
    public var lastMessage: LastMessage?
}
