/// Why a text is not a JSON object.
enum JSONError: Error, Hashable {
    /// The text breaks the grammar of RFC 8259 at this byte.
    case syntax(offset: Int)
    /// A string in it is not UTF-8, or holds half of a surrogate pair.
    case notUnicode
    /// Arrays and objects are nested deeper than `JSONObject.maximumDepth`.
    case tooDeep
    /// The text is JSON, but not an object.
    case notAnObject
}
