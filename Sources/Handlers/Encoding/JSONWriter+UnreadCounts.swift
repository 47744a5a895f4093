// The numbers of unread messages, in all and by type.

internal import MySQLStore

extension JSONWriter {
    /// Writes `total_unread` and `unread_by_type`, which has every type of the API.
    mutating func unread(_ counts: UnreadCounts) {
        member("total_unread", counts.total)
        key("unread_by_type")
        object { json in
            for type in ConversationType.allCases { json.member(type.key, counts[type]) }
        }
    }
}

extension ConversationType {
    fileprivate var key: StaticString {
        switch self {
        case .kolOrder: "kol_order"
        case .adOrder: "ad_order"
        case .general: "general"
        case .support: "support"
        }
    }
}
