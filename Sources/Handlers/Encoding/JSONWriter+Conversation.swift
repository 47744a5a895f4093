// Conversations as the contract has them.

internal import MySQLStore

extension JSONWriter {
    /// Writes a conversation as get_conversation shows it.
    mutating func conversation(_ conversation: Conversation) {
        object { json in
            json.conversationHead(conversation)
            json.member("last_message_at", conversation.lastMessageAt)
            json.members(conversation.members, withLastReadAt: true)
            json.member("unread_count", conversation.unreadCount)
            json.member("created_at", conversation.createdAt.map(DateTimeText.local))
        }
    }

    /// Writes a conversation that has changed: as get_conversations lists it, with what its members have read.
    mutating func changedConversation(_ conversation: Conversation) {
        listedConversation(conversation, withLastReadAt: true)
    }

    /// Writes a conversation as get_conversations lists it, with its newest message or null.
    mutating func listedConversation(_ conversation: Conversation, withLastReadAt: Bool = false) {
        object { json in
            json.conversationHead(conversation)
            json.key("last_message")
            if let message = conversation.lastMessage { json.lastMessage(message) } else { json.null() }
            json.member("unread_count", conversation.unreadCount)
            json.members(conversation.members, withLastReadAt: withLastReadAt)
            json.member("created_at", conversation.createdAt.map(DateTimeText.local))
            json.member("last_message_at", conversation.lastMessageAt)
        }
    }

    private mutating func conversationHead(_ conversation: Conversation) {
        member("id", conversation.id)
        member("conversation_id", conversation.code)
        member("title", conversation.title)
        member("type", conversation.type)
        member("related_order_type", conversation.relatedOrderType)
        member("related_order_id", conversation.relatedOrderID)
        member("status", conversation.status)
    }

    /// - Parameter withLastReadAt: whether each member's last_read_at is written, for read receipts.
    private mutating func members(_ members: [Member], withLastReadAt: Bool = false) {
        key("members")
        array(members) { json, member in
            json.object { json in
                json.member("user_id", member.userID)
                json.member("nickname", DisplayName.of(userID: member.userID, nickname: member.nickname))
                json.member("avatar_url", member.avatarURL)
                json.member("role", member.role)
                json.member("joined_at", member.joinedAt.map(DateTimeText.local))
                if withLastReadAt { json.member("last_read_at", member.lastReadAt) }
            }
        }
    }
}
