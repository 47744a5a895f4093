// POST search_messages: the caller's messages that contain a text, or are of a type.

internal import MySQLStore

struct SearchMessages: Endpoint {
    let search: MessageSearch
    let cursor: SearchCursor?
    let limit: Int

    /// Every type that a message can have.
    private static let types = ["text", "image", "file", "video", "audio", "system"]
    /// The greatest length of a query in characters.
    private static let longestQuery = 100

    init(_ fields: RequestFields) throws(APIError) {
        let query = try Self.query(in: fields)
        let type = try fields.choice("message_type", among: Self.types)
        guard query != nil || type != nil else { throw .invalid("query", "is required without message_type") }
        let conversation = fields["conversation_id"] == nil ? nil : try fields.conversation()
        search = MessageSearch(text: query, type: type, conversation: conversation)
        limit = Int(try fields.pageSize("limit"))
        cursor = try Self.cursor(of: search, in: fields)
    }

    var namedConversation: ConversationReference? { search.conversation }
    var searches: Bool { true }

    func respond(to userID: Int64, from store: Store, into json: inout JSONWriter) throws(StoreError) {
        let found = try store.search(search, for: userID, from: cursor, limit: limit)
        json.key("messages")
        json.array(Array(found.messages.messages.indices)) { json, index in
            write(found, at: index, into: &json)
        }
        json.member("has_more", found.cursor != nil)
        if let cursor = found.cursor { json.member("cursor", Base64URL.encode(cursor.bytes)) }
    }

    private func write(_ found: SearchPage, at index: Int, into json: inout JSONWriter) {
        let (conversation, match) = (found.conversations[index], found.matches[index])
        json.message(
            found.messages.messages[index],
            of: found.messages,
            in: search.conversation ?? .id(conversation.id)
        ) { json in
            json.key("conversation")
            json.object { json in
                json.member("id", conversation.id)
                json.member("conversation_id", conversation.code)
                json.member("title", conversation.title)
            }
            json.key("match")
            json.object { json in
                json.member("content", match.content)
                json.member("file_name", match.fileName)
            }
        }
    }

    private static func query(in fields: RequestFields) throws(APIError) -> String? {
        let key = "query"
        guard let query = try fields.string(key, maximumLength: longestQuery) else { return nil }
        guard query.unicodeScalars.contains(where: \.isVisible) else { throw .invalid(key, "must not be blank") }
        guard !query.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw .invalid(key, "must have no control characters")
        }
        return query
    }

    private static func cursor(of search: MessageSearch, in fields: RequestFields) throws(APIError) -> SearchCursor? {
        let key = "cursor"
        guard let text = try fields.string(key) else { return nil }
        guard let bytes = Base64URL.decode(Array(text.utf8)[...]), let cursor = SearchCursor(bytes: bytes),
            cursor.belongs(to: search)
        else { throw .invalid(key, "must be the cursor of an earlier answer to the same search") }
        return cursor
    }
}

extension JSONWriter {
    /// Writes ranges, each as its start and its length.
    fileprivate mutating func member(_ key: StaticString, _ ranges: [Range<Int>]) {
        self.key(key)
        array(ranges) { json, range in
            json.array([range.lowerBound, range.count]) { json, number in json.integer(Int64(number)) }
        }
    }
}
