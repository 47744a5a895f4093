// Each endpoint decodes its body, and has an error for each key that is not as the contract demands.

import Testing

@testable import Handlers
@testable import MySQLStore

@Suite struct EndpointDecodingTests {
    @Test(
        arguments: [
            ("5", .id(5)), ("5.0", .id(5)), ("5e0", .id(5)), (#""5""#, .id(5)), (#""CONV_1_2""#, .code("CONV_1_2")),
            ("9223372036854775807", .id(.max)),
        ] as [(String, ConversationReference)]
    )
    func aConversationIsNamedByItsNumberOrItsCode(text: String, expected: ConversationReference) throws {
        #expect(try GetConversation(fields(#"{"conversation_id":\#(text)}"#)).name == .conversation(expected))
    }

    @Test(
        arguments: [
            ("", .kolOrder), (#","type":null"#, .kolOrder), (#","type":"ad_order""#, .adOrder),
            (#","conversation_id":null"#, .kolOrder),
        ] as [(String, ConversationType)]
    )
    func aConversationIsNamedByItsOrder(rest: String, type: ConversationType) throws {
        for id in ["KORD_1_2", "x", String(repeating: "~", count: 255)] {
            let name = try GetConversation(fields(#"{"related_order_id":"\#(id)"\#(rest)}"#)).name
            #expect(name == .order(OrderReference(id: id, type: type)))
        }
    }

    @Test(arguments: ["", " ", "KORD 1", "订单", "KORD_1\\n", "\\u0000", "KORD_１"])
    func anOrderIsNamedInVisibleASCII(id: String) {
        expect(400, "related_order_id must be visible characters of ASCII") {
            try GetConversation(fields(#"{"related_order_id":"\#(id)"}"#))
        }
    }

    @Test func anOrderIsNamedByAShortString() {
        expect(400, "related_order_id must be a string") { try GetConversation(fields(#"{"related_order_id":5}"#)) }
        expect(400, "related_order_id must be at most 255 characters") {
            try GetConversation(fields(#"{"related_order_id":"\#(String(repeating: "x", count: 256))"}"#))
        }
    }

    @Test func aConversationIsNamedInOneWay() throws {
        expect(400, "related_order_id cannot be given together with conversation_id") {
            try GetConversation(fields(#"{"conversation_id":1,"related_order_id":"x"}"#))
        }
        expect(400, "type must be one of kol_order, ad_order, general, support") {
            try GetConversation(fields(#"{"related_order_id":"x","type":"other"}"#))
        }
        #expect(
            try GetConversation(fields(#"{"conversation_id":1,"related_order_id":null}"#)).name == .conversation(.id(1))
        )
    }

    @Test(arguments: [
        ("{}", "is required"), (#"{"message_id":null}"#, "is required"), (#"{"message_id":1}"#, "must be a string"),
        (#"{"message_id":""}"#, "must have at least 1 character"),
        (#"{"message_id":"\#(String(repeating: "x", count: 65))"}"#, "must be at most 64 characters"),
    ])
    func aMessageIsNamedByItsID(body: String, expectation: String) throws {
        let rest = body.dropFirst().first == "}" ? "" : ","
        expect(400, "message_id \(expectation)") {
            try RecallMessage(fields(#"{"conversation_id":1\#(rest)\#(body.dropFirst())"#))
        }
    }

    @Test func aMessageMayQuoteAnother() throws {
        func quoted(_ value: String) throws -> String? {
            let body = #"{"conversation_id":1,"message_type":"text","content":"x","reply_to":\#(value)}"#
            return try SendMessage(fields(body)).message.replyTo
        }
        #expect(try quoted(#""MSG_1_2""#) == "MSG_1_2")
        #expect(try quoted("null") == nil)
        expect(400, "reply_to must have at least 1 character") { _ = try quoted(#""""#) }
    }

    @Test(arguments: [
        "0", "-5", "1.5", "9223372036854775808", "true", "[5]", "{}", #""""#, #"" 5""#, #""-5""#, #""5.0""#, #""x""#,
        #""conv_1_2""#, #""CONV_1_2 ""#, #""CONV_1""#, #""CONV_1_2_3""#, #""CONV__2""#, #""CONV_1_x""#,
        #""CONV_١_2""#,
    ])
    func anythingElseNamesNone(text: String) {
        expect(400, "conversation_id must be a positive integer or a CONV_ string") {
            try GetConversation(fields(#"{"conversation_id":\#(text)}"#))
        }
    }

    @Test(arguments: ["{}", #"{"conversation_id":null}"#, ""])
    func aConversationMustBeNamed(body: String) {
        expect(400, "conversation_id is required") { try MarkRead(fields(body)) }
        expect(400, "conversation_id is required") { try GetMessages(fields(body)) }
        expect(400, "conversation_id is required") { try GetConversation(fields(body)) }
    }

    @Test(arguments: [
        (#""message_type":"text""#, "content is required"),
        (#""content":"x""#, "message_type is required"),
        (#""message_type":"system","content":"x""#, "message_type must be one of text, image, file, video, audio"),
        (#""message_type":"Text","content":"x""#, "message_type must be one of text, image, file, video, audio"),
        (#""message_type":1,"content":"x""#, "message_type must be a string"),
        (#""message_type":"text","content":5"#, "content must be a string"),
        (#""message_type":"text","content":" \n\t\u3000\u0000\u200b""#, "content must not be blank"),
        (#""message_type":"text","content":"x","file_name":5"#, "file_name must be a string"),
        (#""message_type":"text","content":"x","file_size":"5""#, "file_size must be an integer"),
        (#""message_type":"text","content":"x","file_size":1.5"#, "file_size must be an integer"),
        (#""message_type":"text","content":"x","file_size":-1"#, "file_size must be at least 0"),
        (#""message_type":"text","content":"x","file_type":[]"#, "file_type must be a string"),
    ])
    func aMessageThatCannotBeSent(keys: String, message: String) {
        expect(400, message) { try SendMessage(fields(#"{"conversation_id":1,\#(keys)}"#)) }
    }

    @Test(arguments: [
        ("{}", "query is required without message_type"),
        (#"{"conversation_id":5}"#, "query is required without message_type"),
        (#"{"query":""}"#, "query must not be blank"),
        (#"{"query":" \u200b","message_type":"file"}"#, "query must not be blank"),
        (#"{"query":"a\n"}"#, "query must have no control characters"),
        (#"{"query":5}"#, "query must be a string"),
        (#"{"query":"x","conversation_id":0}"#, "conversation_id must be a positive integer or a CONV_ string"),
        (#"{"query":"x","limit":0}"#, "limit must be at least 1"),
        (#"{"query":"x","cursor":"x"}"#, "cursor must be the cursor of an earlier answer to the same search"),
        (#"{"query":"x","cursor":5}"#, "cursor must be a string"),
        (
            #"{"message_type":"gif"}"#,
            "message_type must be one of text, image, file, video, audio, system"
        ),
    ])
    func whatCannotBeSearchedFor(body: String, message: String) {
        expect(400, message) { try SearchMessages(fields(body)) }
    }

    @Test func aSearchKeepsWhatItIsFor() throws {
        let decoded = try SearchMessages(
            fields(#"{"query":" 合同 ","message_type":"system","conversation_id":"CONV_1_2","limit":500}"#)
        )
        #expect(decoded.search == MessageSearch(text: " 合同 ", type: "system", conversation: .code("CONV_1_2")))
        #expect(decoded.limit == 100)
        #expect(try SearchMessages(fields(#"{"message_type":"file","query":null}"#)).search.text == nil)
    }

    @Test func lengthsCountAsTheDatabaseCountsThem() throws {
        let longest = String(repeating: "😀", count: 500)
        func body(name: String, type: String) -> String {
            #"{"conversation_id":1,"message_type":"text","content":"x","file_name":"\#(name)","file_type":"\#(type)"}"#
        }
        let message = try SendMessage(fields(body(name: longest, type: String(longest.prefix(100))))).message
        #expect(message.fileName == longest)
        expect(400, "file_name must be at most 500 characters") {
            try SendMessage(fields(body(name: longest + "x", type: "")))
        }
        expect(400, "file_type must be at most 100 characters") {
            try SendMessage(fields(body(name: "", type: String(repeating: "x", count: 101))))
        }
    }

    @Test func contentIsMeasuredInBytes() throws {
        func body(_ content: String) -> String {
            #"{"conversation_id":1,"message_type":"text","content":"\#(content)"}"#
        }
        let longest = String(repeating: "你", count: 21_845)
        #expect(try SendMessage(fields(body(longest))).message.content == longest)
        expect(400, "content must be at most 65535 bytes of UTF-8") { try SendMessage(fields(body(longest + "x"))) }
    }

    @Test(arguments: [
        "https://example.com/a.png", "HTTP://example.com", "https://例子.测试/需求.pdf?x=1:2#y", "/files/a.png",
        "//cdn.example.com/a", "a.png", "files/a:b",
    ])
    func aFileIsNamedByItsURL(url: String) throws {
        for type in ["image", "file", "video", "audio"] {
            let body = #"{"conversation_id":1,"message_type":"\#(type)","content":"\#(url)"}"#
            #expect(try SendMessage(fields(body)).message.content == url)
        }
    }

    @Test(arguments: [
        "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "ftp://example.com/", "file:///etc/passwd",
        " javascript:alert(1)", "java\\nscript:alert(1)", "\\u0001javascript:alert(1)", "https:", "https://",
        "https:///a", "http:a", "https://\\\\evil", "http:\\u0301//x", "vbscript:x", "blob:https://example.com/1",
        "https://example.com/a b",
        "java\\u200bscript:x", ":x",
    ])
    func noSchemeButHTTPAndHTTPS(url: String) {
        expect(400, "content must be an http or https URL for message_type file") {
            try SendMessage(fields(#"{"conversation_id":1,"message_type":"file","content":"\#(url)"}"#))
        }
    }

    @Test(arguments: [
        "https://files.example.com/chat/a.png", "HTTPS://Files.Example.COM/chat/a.png?x=../#..",
        "https://files.example.com/chat/", "https://files.example.com/chat/..a/b...png",
        "http://cdn.example.com:8080/a.png",
    ])
    func aFileInTheStorageIsTaken(url: String) throws {
        #expect(try file(url).message.content == url)
    }

    @Test(arguments: [
        "https://files.example.com/chat", "https://files.example.com/other/a.png",
        "https://files.example.com/CHAT/a.png",
        "https://files.example.com.evil.example/chat/a", "https://files.example.com@evil.example/chat/a",
        "https://evil@files.example.com/chat/a", "https://files.example.com:443/chat/a", "https://files.example.com",
        "https://files.example.com/chat/../other/a", "https://files.example.com/chat/%2e%2E/other/a",
        "https://files.example.com/chat/.%2e/other", "https://files.example.com/chat/..\\\\other/a",
        "https://files.example.com/chat/./a", "http://files.example.com/chat/a", "https://cdn.example.com:8080/a.png",
        "//files.example.com/chat/a", "/chat/a.png", "a.png", "https://files.example.com?/chat/a",
    ])
    func aFileElsewhereIsRefused(url: String) {
        let storage = "https://files.example.com/chat/ or http://cdn.example.com:8080/"
        expect(400, "content must be a URL that begins with \(storage) for message_type image") { try file(url) }
    }

    @Test func aTextMayNameAnyURL() throws {
        let storage = try #require(FileStorage("https://files.example.com/"))
        let body = #"{"conversation_id":1,"message_type":"text","content":"https://example.com/a.png"}"#
        #expect(try SendMessage(fields(body), storage: storage).message.content == "https://example.com/a.png")
    }

    @Test(arguments: [
        "https://files.example.com", "https://files.example.com/chat", "files.example.com/", "/files/", "ftp://a/", "x",
        "https:///", "https://a/,", ",https://a/", "https://a/../", "https://a/?", "https://a /", "https://a/\\/",
        Array(repeating: "https://a/", count: 17).joined(separator: ","),
    ])
    func whatIsNoStorage(text: String) {
        #expect(FileStorage(text) == nil)
    }

    @Test func manyStorages() throws {
        let storage = try #require(
            FileStorage(Array(repeating: "https://a/", count: 15).joined(separator: " , ") + ", http://B/")
        )
        #expect(storage.holds("http://b/c"))
    }

    /// Decodes the sending of an image, where files lie in two places.
    private func file(_ url: String) throws(APIError) -> SendMessage {
        let storage = FileStorage("https://FILES.example.com/chat/, http://cdn.example.com:8080/") ?? .any
        let body = #"{"conversation_id":1,"message_type":"image","content":"\#(url)"}"#
        return try SendMessage(fields(body), storage: storage)
    }

    @Test func textMaySayAnything() throws {
        let body = #"{"conversation_id":1,"message_type":"text","content":"javascript:alert(1)"}"#
        #expect(try SendMessage(fields(body)).message.content == "javascript:alert(1)")
    }

    @Test(arguments: [
        (nil, 20), ("1", 1), ("100", 100), ("101", 100), ("2e1", 20), ("9223372036854775807", 100), ("null", 20),
    ])
    func aPageHasUpToAHundred(text: String?, expected: Int) throws {
        let body = #"{"conversation_id":1\#(text.map { #","limit":\#($0)"# } ?? "")}"#
        #expect(try GetMessages(fields(body)).limit == expected)
        let list = text.map { #"{"page_size":\#($0)}"# } ?? ""
        #expect(try page(list).pageSize == Int64(expected))
    }

    @Test func pagesBeginAtOne() throws {
        expect(400, "limit must be at least 1") { try GetMessages(fields(#"{"conversation_id":1,"limit":0}"#)) }
        expect(400, "page must be at least 1") { try GetConversations(fields(#"{"page":0}"#)) }
        expect(400, "page_size must be at least 1") { try GetConversations(fields(#"{"page_size":-1}"#)) }
        expect(400, "page must be an integer") { try GetConversations(fields(#"{"page":"1"}"#)) }
        #expect(try page("{}").page == 1)
    }

    // MARK: Waiting

    @Test(arguments: [(nil, 0), ("0", 0), ("1", 1), ("25", 25), ("26", 25), ("1e3", 25), ("null", 0)])
    func aWaitIsOfAtMost25Seconds(text: String?, expected: Int64) throws {
        let wait = text.map { #","wait":\#($0)"# } ?? ""
        let messages = try GetMessages(fields(#"{"conversation_id":1,"after_timestamp":1\#(wait)}"#))
        #expect(messages.wait == .seconds(expected))
        let list = try GetConversations(fields(#"{"after_cursor":"\#(cursor)"\#(wait)}"#))
        #expect(list.wait == .seconds(expected))
    }

    @Test func aWaitNeedsSomethingToWaitBehind() throws {
        expect(400, "wait needs after_timestamp") { try GetMessages(fields(#"{"conversation_id":1,"wait":1}"#)) }
        expect(400, "wait needs after_timestamp") {
            try GetMessages(fields(#"{"conversation_id":1,"before_timestamp":1,"wait":1}"#))
        }
        expect(400, "wait needs after_cursor") { try GetConversations(fields(#"{"wait":1}"#)) }
        #expect(try GetMessages(fields(#"{"conversation_id":1,"wait":0}"#)).wait == .zero)
        #expect(try GetConversations(fields(#"{"wait":0}"#)).wait == .zero)
    }

    @Test(arguments: [#""5""#, "1.5", "true", "[]"]) func aWaitIsAnInteger(value: String) {
        expect(400, "wait must be an integer") {
            try GetConversations(fields(#"{"after_cursor":"\#(cursor)","wait":\#(value)}"#))
        }
    }

    @Test func aWaitIsNotNegative() {
        expect(400, "wait must be at least 0") {
            try GetMessages(fields(#"{"conversation_id":1,"after_timestamp":1,"wait":-1}"#))
        }
    }

    @Test(arguments: ["", "x", "AAAA", "not base64!"]) func aCursorIsThatOfAnAnswer(text: String) {
        expect(400, "after_cursor must be the cursor of an earlier answer") {
            try GetConversations(fields(#"{"after_cursor":"\#(text)"}"#))
        }
    }

    @Test func aCursorGoesWithNeitherPageNorFilter() {
        expect(400, "query cannot be given together with after_cursor") {
            try GetConversations(fields(#"{"after_cursor":"\#(cursor)","query":"x"}"#))
        }
        expect(400, "unread cannot be given together with after_cursor") {
            try GetConversations(fields(#"{"after_cursor":"\#(cursor)","unread":true}"#))
        }
        #expect(throws: Never.self) { try GetConversations(fields(#"{"after_cursor":"\#(cursor)","unread":false}"#)) }
        expect(400, "page cannot be given together with after_cursor") {
            try GetConversations(fields(#"{"after_cursor":"\#(cursor)","page":1}"#))
        }
        expect(400, "type cannot be given together with after_cursor") {
            try GetConversations(fields(#"{"after_cursor":"\#(cursor)","type":"support"}"#))
        }
    }

    /// As an answer has it.
    private var cursor: String { Base64URL.encode(ChangeCursor(at: 1_800_000_000_000, told: []).bytes) }

    private func page(_ body: String) throws -> (filter: ConversationFilter, page: Int64, pageSize: Int64) {
        guard case .page(let filter, let page, let size) = try GetConversations(fields(body)).selection else {
            throw NoPage()
        }
        return (filter, page, size)
    }

    private struct NoPage: Error {}

    @Test func theListCanBeOfOneType() throws {
        #expect(try page(#"{"type":"support"}"#).filter == ConversationFilter(type: .support))
        #expect(try page(#"{"type":null}"#).filter == ConversationFilter())
        expect(400, "type must be one of kol_order, ad_order, general, support") {
            try GetConversations(fields(#"{"type":"other"}"#))
        }
    }

    @Test func theListCanBeOfUnreadConversationsOrOfThoseWithAText() throws {
        #expect(try page(#"{"unread":true}"#).filter == ConversationFilter(isUnreadOnly: true))
        #expect(try page(#"{"unread":false,"query":null}"#).filter == ConversationFilter())
        let longest = String(repeating: "😀", count: 100)
        #expect(try page(#"{"query":"\#(longest)"}"#).filter == ConversationFilter(text: longest))
        expect(400, "query must be at most 100 characters") {
            try GetConversations(fields(#"{"query":"\#(longest)x"}"#))
        }
        for blank in ["", " ", "\\u0000", "\u{200B}\u{3000}"] {
            expect(400, "query must not be blank") { try GetConversations(fields(#"{"query":"\#(blank)"}"#)) }
        }
        expect(400, "query must be a string") { try GetConversations(fields(#"{"query":5}"#)) }
        for value in ["1", #""true""#, "[]"] {
            expect(400, "unread must be true or false") { try GetConversations(fields(#"{"unread":\#(value)}"#)) }
        }
    }

    @Test func aBodyThatIsNoObjectIsRefused() {
        expect(400, "the body must be a JSON object") { try fields("[]") }
        expect(400, "the body is not valid JSON (at byte 1)") { try fields("{x") }
        expect(400, "the body is not valid JSON (a string in it is not UTF-8)") { try fields(#"{"a":"\ud800"}"#) }
    }

    private func fields(_ body: String) throws(APIError) -> RequestFields {
        try RequestFields(body: Array(body.utf8))
    }

    private func expect(_ status: Int, _ message: String, _ body: () throws -> Any) {
        #expect(throws: APIError(status: status, message: message)) { _ = try body() }
    }
}
