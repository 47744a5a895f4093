// How much of a list one answer holds.

enum PageSize {
    /// The key's value: from 1, 20 where absent; more than 100 counts as 100.
    static func decode(_ key: String, in fields: Fields) throws(APIError) -> Int64 {
        min(try fields.integer(key, minimum: 1) ?? 20, 100)
    }
}
