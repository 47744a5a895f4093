// The fields of a request's body as typed values. One that is not as the contract demands is a 400.

/// The fields of a request's body, by their keys. Unknown keys are ignored, and null is the same as an absent key.
struct RequestFields {
    private let object: JSONObject

    /// Parses a body.
    ///
    /// - Parameter body: a JSON object; an empty body has no fields.
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

    /// A string; nil where the key is absent.
    ///
    /// - Parameter maximum: the greatest length in Unicode code points, as the database counts characters.
    func string(_ key: String, maximumLength maximum: Int? = nil) throws(APIError) -> String? {
        guard let value = self[key] else { return nil }
        guard case .string(let text) = value else { throw .invalid(key, "must be a string") }
        if let maximum, text.unicodeScalars.count > maximum {
            throw .invalid(key, "must be at most \(maximum) characters")
        }
        return text
    }

    /// One of several strings; nil where the key is absent.
    func choice(_ key: String, among choices: [String]) throws(APIError) -> String? {
        guard let choice = try string(key) else { return nil }
        guard choices.contains(choice) else { throw .invalid(key, "must be one of \(choices.joined(separator: ", "))") }
        return choice
    }

    /// An integer; nil where the key is absent.
    func integer(_ key: String, minimum: Int64? = nil) throws(APIError) -> Int64? {
        guard let value = self[key] else { return nil }
        guard case .number(let number) = value, let integer = number.integer else {
            throw .invalid(key, "must be an integer")
        }
        if let minimum, integer < minimum { throw .invalid(key, "must be at least \(minimum)") }
        return integer
    }

    /// A boolean; nil where the key is absent.
    func boolean(_ key: String) throws(APIError) -> Bool? {
        guard let value = self[key] else { return nil }
        guard case .boolean(let boolean) = value else { throw .invalid(key, "must be true or false") }
        return boolean
    }

    /// The value of a field that must not be absent.
    func required<Value>(_ key: String, _ value: Value?) throws(APIError) -> Value {
        guard let value else { throw .invalid(key, "is required") }
        return value
    }
}
