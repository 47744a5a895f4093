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
    /// What has happened, of a system message: a JSON object.
    public var event: String?
}
