/// The API's endpoints; the raw values are their paths.
public enum Route: String, CaseIterable, Sendable {
    case sendMessage = "/api/v1/conversation/send_message"
    case getMessages = "/api/v1/conversation/get_messages"
    case getConversation = "/api/v1/conversation/get_conversation"
    case getConversations = "/api/v1/conversation/get_conversations"
    case markRead = "/api/v1/conversation/mark_read"
    case recallMessage = "/api/v1/conversation/recall_message"
    case searchMessages = "/api/v1/conversation/search_messages"

    /// Whether the endpoint writes to a conversation.
    public var writes: Bool {
        switch self {
        case .sendMessage, .markRead, .recallMessage: true
        case .getMessages, .getConversation, .getConversations, .searchMessages: false
        }
    }

    /// Whether the endpoint looks through many rows.
    public var searches: Bool { self == .searchMessages }

    /// The endpoint's name: the last part of its path.
    public var name: String {
        switch self {
        case .sendMessage: "send_message"
        case .getMessages: "get_messages"
        case .getConversation: "get_conversation"
        case .getConversations: "get_conversations"
        case .markRead: "mark_read"
        case .recallMessage: "recall_message"
        case .searchMessages: "search_messages"
        }
    }
}
