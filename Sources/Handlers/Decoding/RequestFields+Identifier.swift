// The ids of messages, the service's and those that clients give.

extension RequestFields {
    /// An id of 1 to 64 characters; nil where the key is absent.
    func identifier(_ key: String) throws(APIError) -> String? {
        guard let id = try string(key, maximumLength: 64) else { return nil }
        guard !id.isEmpty else { throw .invalid(key, "must have at least 1 character") }
        return id
    }
}
