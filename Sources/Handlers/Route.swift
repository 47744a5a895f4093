// The paths of the API.

/// The endpoints by their paths.
enum Route: String, CaseIterable {
    case sendMessage = "/api/v1/conversation/send_message"
    case getMessages = "/api/v1/conversation/get_messages"
    case getConversation = "/api/v1/conversation/get_conversation"
    case getConversations = "/api/v1/conversation/get_conversations"
    case markRead = "/api/v1/conversation/mark_read"
}
