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
    /// - Parameters:
    ///   - write: writes one of the message's texts.
    ///   - writeObject: writes a member with one of its JSON objects.
    ///   - writeMore: writes further members.
    @inline(__always)
    mutating func message<Text>(
        _ message: Message<Text>,
        in conversation: ConversationReference,
        absentKeys: AbsentKeys,
        write: (inout JSONWriter, Text) -> Void,
        writeObject: (inout JSONWriter, StaticString, Text) -> Void,
        writeMore: (inout JSONWriter) -> Void = { _ in }
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
            if let event = message.event { writeObject(&json, "event", event) }
            if let quote = message.quote { writeObject(&json, "reply_to", quote) }
            if let end = message.recallableUntil { json.member("recallable_until", end) }
            writeMore(&json)
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
            if let event = message.event { json.member("event", object: Array(event.utf8)) }
        }
    }

    /// Writes a message that is not one of a page.
    mutating func message(
        _ message: Message<String>,
        in conversation: ConversationReference,
        absentKeys: AbsentKeys
    ) {
        self.message(message, in: conversation, absentKeys: absentKeys) { json, text in
            json.string(text)
        } writeObject: { json, key, text in
            json.member(key, object: Array(text.utf8))
        }
    }

    /// Writes a message of a page.
    ///
    /// - Parameter writeMore: writes further members.
    @inline(__always)
    mutating func message(
        _ message: Message<PageText>,
        of page: MessagePage,
        in conversation: ConversationReference,
        writeMore: (inout JSONWriter) -> Void = { _ in }
    ) {
        self.message(message, in: conversation, absentKeys: .leftOut) { json, text in
            page.withUTF8(of: text) { json.string($0) }
        } writeObject: { json, key, text in
            page.withUTF8(of: text) { json.member(key, object: Array($0)) }
        } writeMore: { json in
            writeMore(&json)
        }
    }
}
