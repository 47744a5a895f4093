// A message that is stored.

/// A row of orbia_message, with its sender's public profile.
///
/// `Text` is `String` for a single message, and `PageText` for the messages of a page.
public struct Message<Text: MessageText> {
    /// `MSG_{ms}_{n}`.
    public var messageID: Text
    /// `orbia_user.id` of the sender.
    public var senderID: Int64
    /// The sender's nickname, where one is set.
    public var senderNickname: Text?
    /// The sender's avatar, where one is set.
    public var senderAvatarURL: Text?
    /// text, image, file, video, audio or system.
    public var type: Text
    /// A text, or a file's URL.
    public var content: Text
    /// The file's name.
    public var fileName: Text?
    /// The file's size in bytes.
    public var fileSize: Int64?
    /// The file's MIME type.
    public var fileType: Text?
    /// sent, delivered, read or failed.
    public var status: Text
    /// Milliseconds since 1970; strictly increasing within a conversation.
    public var createdAt: Int64
    /// The key that the client gave; nil where it gave none.
    public var clientMessageID: Text?
    /// What has happened, of a system message: a JSON object.
    public var event: Text?
    /// The message that this one quotes, as answers show it: a JSON object.
    public var quote: Text?
    /// Until when its sender may recall it, in milliseconds since 1970; nil: the caller cannot.
    public var recallableUntil: Int64?
}

/// A text of a message.
public protocol MessageText {
    /// Whether the text has no characters.
    var isEmpty: Bool { get }
}

extension String: MessageText {}
