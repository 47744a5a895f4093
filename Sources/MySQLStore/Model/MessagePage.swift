// A page of messages, with its texts in one piece.

/// Part of a conversation's messages, oldest first.
///
/// Twenty messages have a hundred and more texts. As strings each would be checked, given memory and
/// freed, to be copied once: a sixth of the processor time of the whole request.
public struct MessagePage {
    /// The messages, oldest first.
    public let messages: [Message<PageText>]
    /// Whether there are more, in the direction that was asked for.
    public let hasMore: Bool
    /// What the messages' texts are parts of, as UTF-8.
    @usableFromInline let texts: [UInt8]

    init(messages: [Message<PageText>], texts: [UInt8], hasMore: Bool) {
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

/// Where a text stands among those of its page.
public struct PageText: MessageText {
    @usableFromInline let range: Range<Int>

    init(_ range: Range<Int>) {
        self.range = range
    }

    /// Whether there is nothing in it.
    public var isEmpty: Bool { range.isEmpty }
}
