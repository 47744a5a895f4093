// A text that is searched for.

extension RequestFields {
    /// A text of 1 to 100 characters that has something to see in it; nil where the key is absent.
    func searchText(_ key: String) throws(APIError) -> String? {
        guard let text = try string(key, maximumLength: 100) else { return nil }
        guard text.unicodeScalars.contains(where: \.isVisible) else { throw .invalid(key, "must not be blank") }
        return text
    }
}
