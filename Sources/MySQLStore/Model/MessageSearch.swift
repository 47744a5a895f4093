// What messages are searched for.

/// A search in the messages of a user. It has a text, or a type, or both.
public struct MessageSearch: Hashable, Sendable {
    /// What the content or the file name is to contain; nil: anything.
    public var text: String?
    /// The only type of messages that are found; nil: every type.
    public var type: String?
    /// The only conversation that is searched; nil: all of the user's.
    public var conversation: ConversationReference?

    /// A search from its parts.
    public init(text: String?, type: String?, conversation: ConversationReference?) {
        self.text = text
        self.type = type
        self.conversation = conversation
    }

    /// A number that other searches do not have, but by chance: it tells whether a cursor is this search's. It has to
    /// be the same in each process.
    var fingerprint: UInt32 {
        let conversation =
            switch conversation {
            case .id(let id): "#\(id)"
            case .code(let code): code
            case nil: ""
            }
        // No type and no name of a conversation has a line feed in it.
        return CursorBytes.checksum(Array("\(type ?? "")\n\(conversation)\n\(text ?? "")".utf8)[...])
    }
}
