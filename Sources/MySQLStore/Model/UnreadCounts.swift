/// The numbers of a user's unread messages.
public struct UnreadCounts: Hashable, Sendable {
    /// Those in all conversations, also in those of a type that the API does not know.
    public private(set) var total: Int64 = 0
    /// In the order of the types' cases.
    private var byType = [Int64](repeating: 0, count: ConversationType.allCases.count)

    /// Nothing is unread.
    public init() {}

    /// Those in conversations of a type.
    public subscript(type: ConversationType) -> Int64 { byType[type.index] }

    /// Adds the unread messages of a conversation.
    ///
    /// - Parameter type: its type, as the platform's column has it.
    mutating func add(_ count: Int64, ofType type: String) {
        total += count
        if let type = ConversationType(rawValue: type) { byType[type.index] += count }
    }

    /// Reads the numbers of `ConversationCountsSQL.unread`: the total, and that of each type, with commas between them.
    /// An empty text has none, since no conversation has unread messages. Returns nil for any other text.
    init?(_ text: String) {
        self.init()
        guard !text.isEmpty else { return }
        let numbers = text.utf8.split(separator: UInt8(ascii: ",")).compactMap { Int64(Substring($0)) }
        guard numbers.count == 1 + byType.count else { return nil }
        total = numbers[0]
        byType = Array(numbers[1...])
    }
}

extension ConversationType {
    fileprivate var index: Int {
        switch self {
        case .kolOrder: 0
        case .adOrder: 1
        case .general: 2
        case .support: 3
        }
    }
}
