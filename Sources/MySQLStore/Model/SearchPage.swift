// What a search has found.

/// Messages that a search has found, in its order.
public struct SearchPage {
    /// The conversation of a message.
    public struct FoundConversation: Sendable {
        /// `orbia_conversation.id`.
        public var id: Int64
        /// `orbia_conversation.conversation_id`.
        public var code: String
        /// The title, where one is set.
        public var title: String?
    }

    /// Where a message's texts contain what was searched for, in UTF-16 code units. Both are empty where no text was
    /// searched for.
    public struct Match: Sendable {
        /// In the content.
        public var content: [Range<Int>]
        /// In the file's name.
        public var fileName: [Range<Int>]
    }

    /// The messages; they need not be consecutive, nor of one conversation.
    public let messages: MessagePage
    /// The conversation of each message.
    public let conversations: [FoundConversation]
    /// The matches in each message.
    public let matches: [Match]
    /// Where the search goes on; nil: it is at its end.
    public let cursor: SearchCursor?
}
