// What the store answers with: rows of the platform's tables as Swift values.

/// How a request names a conversation.
public enum ConversationReference: Hashable, Sendable {
    /// `orbia_conversation.id`.
    case id(Int64)
    /// `orbia_conversation.conversation_id`, of the form `CONV_{ms}_{n}`.
    case code(String)
}

/// A message to be sent. Lengths and forms are the caller's to check.
public struct NewMessage: Sendable {
    /// text, image, file, video or audio.
    public var type: String
    /// Text, or a file's URL; at most 65,535 bytes of UTF-8.
    public var content: String
    /// At most 500 characters.
    public var fileName: String?
    /// Bytes.
    public var fileSize: Int64?
    /// MIME type, at most 100 characters.
    public var fileType: String?
    /// The send's key, which makes a repeat of it known for one; nil: the store makes one. From 1 to 64
    /// characters.
    public var clientMessageID: String?

    /// What the store's own keys begin with, and no client's.
    public static let reservedPrefix = SendKeys.prefix

    /// A message to be sent.
    public init(
        type: String,
        content: String,
        fileName: String?,
        fileSize: Int64?,
        fileType: String?,
        clientMessageID: String?
    ) {
        self.type = type
        self.content = content
        self.fileName = fileName
        self.fileSize = fileSize
        self.fileType = fileType
        self.clientMessageID = clientMessageID
    }
}

/// What a send has come to.
public struct SentMessage {
    /// The message as it was stored, by this send or by an earlier one with the same key.
    public var message: Message<String>
    /// It was an earlier one.
    public var isDuplicate: Bool
}

/// A message as it stands in orbia_message, with its sender's public profile.
///
/// `Text` is `String` for one message, and `PageText` for those of a page.
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
    /// Text, or a file's URL.
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
}

/// What the texts of a message can be.
public protocol MessageText {
    /// Whether there is nothing in it.
    var isEmpty: Bool { get }
}

extension String: MessageText {}

/// A member of a conversation, with the user's public profile.
public struct Member: Sendable {
    /// `orbia_user.id`.
    public var userID: Int64
    /// The user's nickname, where one is set.
    public var nickname: String?
    /// The user's avatar, where one is set.
    public var avatarURL: String?
    /// creator, member or admin.
    public var role: String
    /// Seconds since 1970.
    public var joinedAt: Int64?
    /// Milliseconds since 1970; nil where nothing was marked as read yet.
    public var lastReadAt: Int64?
}

/// The newest message of a conversation, as the list of conversations shows it.
public struct LastMessage: Sendable {
    /// `MSG_{ms}_{n}`.
    public var messageID: String
    /// `orbia_user.id` of the sender.
    public var senderID: Int64
    /// The sender's nickname, where one is set.
    public var senderNickname: String?
    /// text, image, file, video, audio or system.
    public var type: String
    /// Text, or a file's URL.
    public var content: String
    /// Milliseconds since 1970.
    public var createdAt: Int64
}

/// A conversation as one of its members sees it.
public struct Conversation: Sendable {
    /// `orbia_conversation.id`.
    public var id: Int64
    /// `CONV_{ms}_{n}`.
    public var code: String
    /// The title, where one is set.
    public var title: String?
    /// kol_order, ad_order, general or support.
    public var type: String
    /// kol_order or ad_order.
    public var relatedOrderType: String?
    /// The order's `order_id`.
    public var relatedOrderID: String?
    /// active, archived or closed.
    public var status: String
    /// Milliseconds since 1970; nil before the first message.
    public var lastMessageAt: Int64?
    /// Seconds since 1970.
    public var createdAt: Int64?
    /// Messages of others since the member last marked the conversation read.
    public var unreadCount: Int64
    /// In the order they joined.
    public var members: [Member] = []
    /// The newest message; filled by the list of conversations alone.
    public var lastMessage: LastMessage?
}

/// One page of a user's conversations, latest activity first.
public struct ConversationPage: Sendable {
    /// The conversations of this page.
    public var conversations: [Conversation]
    /// How many there are on all pages.
    public var total: Int64
    /// Unread messages in all of the user's conversations, of whatever type.
    public var totalUnread: Int64
}
