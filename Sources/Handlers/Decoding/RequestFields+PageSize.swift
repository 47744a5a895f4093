// The size of a page, in the same bounds for every list.

extension RequestFields {
    /// A page's size, from 1: 20 where the key is absent, and 100 where the value is greater.
    func pageSize(_ key: String) throws(APIError) -> Int64 {
        min(try integer(key, minimum: 1) ?? 20, 100)
    }
}
