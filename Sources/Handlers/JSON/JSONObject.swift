// A JSON object: a request's body, or a part of a token.

/// The members of a JSON object (RFC 8259).
///
/// Foundation's decoder takes the first of doubled keys, accepts trailing commas and a byte order mark, and cannot say
/// which key is wrong where 1.5 stands in an integer's place.
struct JSONObject {
    /// The members in the order of the text, doubled keys included.
    private(set) var members: [(key: String, value: JSONValue)] = []

    /// How deep arrays and objects may be nested. The parser is recursive, and a worker's stack is small.
    static let maximumDepth = 128

    /// An object without members.
    init() {}

    /// Parses a text: an object with nothing but white space around it.
    init(parsing bytes: [UInt8]) throws(JSONError) {
        var parser = JSONParser(bytes)
        members = try parser.parseDocument()
    }

    /// The value of a key; of a doubled one, the last.
    subscript(key: String) -> JSONValue? {
        members.last { $0.key == key }?.value
    }
}
