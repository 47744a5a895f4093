// Messages as the contract has them.

internal import MySQLStore

extension JSONWriter {
    /// How keys without a value are written.
    enum AbsentKeys {
        case asNull
        case leftOut
    }

    /// Writes a message, with its conversation in the form that the request named it in.
    ///
    /// - Parameter write: writes one of the message's texts.
    @inline(__always)
    mutating func message<Text>(
        _ message: Message<Text>,
        in conversation: ConversationReference,
        absentKeys: AbsentKeys,
        write: (inout JSONWriter, Text) -> Void
    ) {
        func member(_ json: inout JSONWriter, _ key: StaticString, _ text: Text?) {
            json.key(key)
            if let text { write(&json, text) } else { json.null() }
        }
        object { json in
            member(&json, "message_id", message.messageID)
            json.key("conversation_id")
            switch conversation {
            case .id(let id): json.integer(id)
            case .code(let code): json.string(code)
            }
            json.member("sender_id", message.senderID)
            if let nickname = message.senderNickname, !nickname.isEmpty {
                member(&json, "sender_nickname", nickname)
            } else {
                json.member("sender_nickname", DisplayName.of(userID: message.senderID, nickname: nil))
            }
            member(&json, "sender_avatar_url", message.senderAvatarURL)
            member(&json, "message_type", message.type)
            member(&json, "content", message.content)
            if message.fileName != nil || absentKeys == .asNull { member(&json, "file_name", message.fileName) }
            if message.fileSize != nil || absentKeys == .asNull { json.member("file_size", message.fileSize) }
            if message.fileType != nil || absentKeys == .asNull { member(&json, "file_type", message.fileType) }
            member(&json, "status", message.status)
            json.member("created_at", message.createdAt)
            if let id = message.clientMessageID { member(&json, "client_message_id", id) }
        }
    }

    /// Writes the newest message of a listed conversation.
    mutating func lastMessage(_ message: LastMessage) {
        object { json in
            json.member("message_id", message.messageID)
            json.member(
                "sender_nickname",
                DisplayName.of(userID: message.senderID, nickname: message.senderNickname)
            )
            json.member("message_type", message.type)
            json.member("content", message.content)
            json.member("created_at", message.createdAt)
        }
    }
}
