// The message that a request names.

extension RequestFields {
    /// A `message_id`; nil where the key is absent.
    func messageID(_ key: String) throws(APIError) -> String? {
        guard let id = try string(key, maximumLength: 64) else { return nil }
        guard !id.isEmpty else { throw .invalid(key, "must have at least 1 character") }
        return id
    }
}
