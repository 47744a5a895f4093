// POST send_message: sends a message to a conversation.

internal import MySQLStore

struct SendMessage: Endpoint {
    let conversation: ConversationReference
    let message: NewMessage

    /// The types that a client may send; `system` is the server's own.
    private static let types = ["text", "image", "file", "video", "audio"]

    /// The size of the content column in bytes.
    private static let maximumContentSize = 65_535

    init(_ fields: RequestFields) throws(APIError) {
        try self.init(fields, storage: .any)
    }

    /// - Parameter storage: where the files lie that a message may name.
    init(_ fields: RequestFields, storage: FileStorage) throws(APIError) {
        conversation = try fields.conversation()
        let type = try fields.required("message_type", fields.choice("message_type", among: Self.types))
        message = NewMessage(
            type: type,
            content: try Self.content(of: type, in: fields, storage),
            fileName: try fields.string("file_name", maximumLength: 500),
            fileSize: try fields.integer("file_size", minimum: 0),
            fileType: try fields.string("file_type", maximumLength: 100),
            clientMessageID: try Self.clientMessageID(in: fields),
            replyTo: try fields.identifier("reply_to")
        )
    }

    var namedConversation: ConversationReference? { conversation }
    var writtenConversation: ConversationReference? { conversation }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        let sent = try store.send(message, to: conversation, as: userID)
        json.key("message")
        json.message(sent.message, in: conversation, absentKeys: .asNull)
        if sent.isDuplicate { json.member("duplicate", true) }
        if sent.isRecalled { json.member("recalled", true) }
    }

    private static func clientMessageID(in fields: RequestFields) throws(APIError) -> String? {
        let key = "client_message_id"
        guard let id = try fields.identifier(key) else { return nil }
        // A key with this beginning is the service's own, and no answer shows it.
        guard !id.utf8.starts(with: NewMessage.reservedKeyPrefix.utf8) else {
            throw .invalid(key, "must not begin with \(NewMessage.reservedKeyPrefix)")
        }
        return id
    }

    private static func content(
        of type: String,
        in fields: RequestFields,
        _ storage: FileStorage
    ) throws(APIError) -> String {
        let key = "content"
        let content = try fields.required(key, fields.string(key))
        guard content.utf8.count <= maximumContentSize else {
            throw .invalid(key, "must be at most \(maximumContentSize) bytes of UTF-8")
        }
        guard content.unicodeScalars.contains(where: \.isVisible) else {
            throw .invalid(key, "must not be blank")
        }
        guard type != "text" else { return content }
        guard FileURL.isAcceptable(content) else {
            throw .invalid(key, "must be an http or https URL for message_type \(type)")
        }
        guard storage.holds(content) else {
            throw .invalid(key, "must be \(storage.expectation) for message_type \(type)")
        }
        return content
    }
}
