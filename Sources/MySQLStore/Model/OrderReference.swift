/// How a request names the conversation of an order.
public struct OrderReference: Hashable, Sendable {
    /// `orbia_conversation.related_order_id`: visible characters of ASCII.
    public var id: String
    /// The conversation's type: an order has one conversation of each.
    public var type: ConversationType

    /// The conversation of this type of the order with this id.
    public init(id: String, type: ConversationType) {
        self.id = id
        self.type = type
    }
}
