/// Which of a user's conversations a list has.
public struct ConversationFilter: Hashable, Sendable {
    /// The type of the conversations; nil: every type.
    public var type: ConversationType?
    /// A part of the title, or of a member's name as others are shown it; nil: any.
    public var text: String?
    /// Whether the list has only conversations with unread messages.
    public var isUnreadOnly: Bool

    /// Of several conditions all must hold.
    public init(type: ConversationType? = nil, text: String? = nil, isUnreadOnly: Bool = false) {
        self.type = type
        self.text = text
        self.isUnreadOnly = isUnreadOnly
    }

    /// Whether the conversations have to be looked through: no index has them in the list's order.
    var needsSearch: Bool { text != nil || isUnreadOnly }
}
