// A message on its way into the database.

/// What a client sends. The caller checks lengths and forms.
public struct NewMessage: Sendable {
    /// text, image, file, video or audio.
    public var type: String
    /// A text, or a file's URL; at most 65,535 bytes of UTF-8.
    public var content: String
    /// The file's name, of at most 500 characters.
    public var fileName: String?
    /// The file's size in bytes.
    public var fileSize: Int64?
    /// The file's MIME type, of at most 100 characters.
    public var fileType: String?
    /// The send's idempotency key, of 1 to 64 characters. With nil the store makes one.
    public var clientMessageID: String?
    /// `message_id` of a message of the same conversation that this one quotes.
    public var replyTo: String?

    /// The beginning of the keys that the store makes. They are stored like those of clients, which must not begin with
    /// it, and no client is shown them.
    public static let reservedKeyPrefix = "server:"

    /// A message from its parts.
    public init(
        type: String,
        content: String,
        fileName: String?,
        fileSize: Int64?,
        fileType: String?,
        clientMessageID: String?,
        replyTo: String? = nil
    ) {
        self.type = type
        self.content = content
        self.fileName = fileName
        self.fileSize = fileSize
        self.fileType = fileType
        self.clientMessageID = clientMessageID
        self.replyTo = replyTo
    }
}
