// How a request names its conversation.

internal import MySQLStore

extension RequestFields {
    /// `conversation_id`: the integer, its digits, or the `CONV_…` string.
    func conversation() throws(APIError) -> ConversationReference {
        let key = "conversation_id"
        switch try required(key, self[key]) {
        case .number(let number):
            if let id = number.integer, id > 0 { return .id(id) }
        case .string(let text):
            if Self.isDigits(text.utf8[...]), let id = Int64(text), id > 0 { return .id(id) }
            if Self.isCode(text) { return .code(text) }
        default:
            break
        }
        throw .invalid(key, "must be a positive integer or a CONV_ string")
    }

    /// Whether a text has the form `CONV_{ms}_{n}`. The database's collation would take `conv_1_5 ` for the same code.
    private static func isCode(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].elementsEqual("CONV".utf8) && isDigits(parts[1]) && isDigits(parts[2])
            && text.utf8.count <= 64
    }

    private static func isDigits(_ text: Substring.UTF8View) -> Bool {
        !text.isEmpty && text.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
