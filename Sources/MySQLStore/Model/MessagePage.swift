// A page of messages, whose texts lie in one buffer.

/// Consecutive messages of a conversation, the oldest first.
///
/// Twenty messages have more than a hundred texts. As strings, each of them would be validated, allocated and freed in
/// order to be copied once, which was a sixth of the processor time of the whole request.
public struct MessagePage {
    /// `orbia_conversation.id`.
    public let conversation: Int64
    /// The messages, the oldest first.
    public let messages: [Message<PageText>]
    /// Whether there are more messages in the cursor's direction.
    public let hasMore: Bool
    /// The texts of all messages, as UTF-8; each `PageText` is a range of it.
    @usableFromInline let texts: [UInt8]

    init(of conversation: Int64, _ messages: [Message<PageText>], texts: [UInt8], hasMore: Bool) {
        self.conversation = conversation
        self.messages = messages
        self.texts = texts
        self.hasMore = hasMore
    }

    /// Lends the bytes of a text of one of these messages.
    @inlinable
    public func withUTF8(of text: PageText, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        texts.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[text.range])) }
    }
}

extension PageText: MessageText {}
