// A request's keys as typed values, with an error for each that is not as the contract has it.

/// The keys of a request's body. Unknown ones are ignored; null is the same as absent.
struct Fields {
    private let object: JSONObject

    /// - Parameter body: a JSON object. An empty body has no keys.
    init(body: [UInt8]) throws(APIError) {
        do {
            object = body.isEmpty ? JSONObject() : try JSONObject(parsing: body)
        } catch {
            throw APIError(error)
        }
    }

    /// The value of a key; nil where it is absent or null.
    subscript(key: String) -> JSONValue? {
        object[key] == .null ? nil : object[key]
    }

    /// A string, or nil where the key is absent.
    ///
    /// - Parameter maximum: in Unicode code points, as the database counts characters.
    func string(_ key: String, maximumLength maximum: Int? = nil) throws(APIError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let text) = value else { throw .invalid(key, "must be a string") }
        if let maximum, text.unicodeScalars.count > maximum {
            throw .invalid(key, "must be at most \(maximum) characters")
        }
        return text
    }

    /// One of `words`, or nil where the key is absent.
    func word(_ key: String, among words: [String]) throws(APIError) -> String? {
        guard let word = try string(key) else { return nil }
        guard words.contains(word) else { throw .invalid(key, "must be one of \(words.joined(separator: ", "))") }
        return word
    }

    /// An integer, or nil where the key is absent.
    func integer(_ key: String, minimum: Int64? = nil) throws(APIError) -> Int64? {
        guard let value = self[key] else { return nil }
        guard case .number(let number) = value, let integer = number.integer else {
            throw .invalid(key, "must be an integer")
        }
        if let minimum, integer < minimum { throw .invalid(key, "must be at least \(minimum)") }
        return integer
    }

    /// The value of a key that must be there.
    func required<Value>(_ key: String, _ value: Value?) throws(APIError) -> Value {
        guard let value else { throw .invalid(key, "is required") }
        return value
    }
}
