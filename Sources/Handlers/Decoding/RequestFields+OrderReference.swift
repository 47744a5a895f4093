// How a request names the conversation of an order.

internal import MySQLStore

extension RequestFields {
    /// `related_order_id` and `type`; nil where the first is absent. An order of the platform has at most 64 characters in
    /// its id; a platform that has made its column wider has up to as many as here.
    func order() throws(APIError) -> OrderReference? {
        let key = "related_order_id"
        let type = try conversationType() ?? .kolOrder
        guard let id = try string(key, maximumLength: 255) else { return nil }
        guard !id.isEmpty, id.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalid(key, "must be visible characters of ASCII")
        }
        guard self["conversation_id"] == nil else {
            throw .invalid(key, "cannot be given together with conversation_id")
        }
        return OrderReference(id: id, type: type)
    }
}
