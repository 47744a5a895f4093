// The rows that the service's statements give.

@testable import MySQLStore

extension RowReaderTarget {
    /// What a row is read as.
    enum Shape: CaseIterable {
        case message, conversation, listedConversation, member, count, send

        init(_ choice: UInt8) {
            self = Self.allCases[Int(choice) % Self.allCases.count]
        }

        /// The columns that it is made of.
        var types: [SQLType] {
            let letters =
                switch self {
                case .message: "titttttittit"
                case .conversation: "ittttttiii"
                case .listedConversation: "ittttttiiititttiiii"
                case .member: "iiitttii"
                case .count: "tiii"
                case .send: "ttittt"
                }
            return letters.map { $0 == "i" ? .integer : .text }
        }

        /// Reads one, where the columns are such: whatever it gives, it does not reach beyond them.
        func read(_ row: [Column], _ reader: inout RowReader) {
            switch self {
            case .message:
                let before = reader.texts.count
                guard let message: Message<PageText> = try? reader.row() else { return }
                expect(isSame(message.content, row[5], reader.texts), "the content is whole")
                expect(isSame(message.messageID, row[0], reader.texts), "the id is whole")
                expect(message.messageID.range.lowerBound == before, "texts stand one behind the other")
                expect(message.createdAt == row[10].integer, "the time is itself")
            case .conversation:
                guard let conversation: Conversation = try? reader.row() else { return }
                expect(conversation.id == row[0].integer && conversation.unreadCount == row[9].integer, "integers")
            case .listedConversation:
                guard let listed: ConversationListRow = try? reader.row() else { return }
                expect((listed.conversation.lastMessage == nil) == (row[10] == .null), "a last message or none")
            case .member:
                guard let found: ConversationMemberRow = try? reader.row() else { return }
                expect(found.member.userID == row[2].integer, "the member is itself")
            case .count:
                guard let counts: ConversationCounts = try? reader.row() else { return }
                expect(counts.total == row[2].integer ?? 0, "the total is itself")
            case .send:
                _ = try? reader.row() as SendRow
            }
        }

        private func isSame(_ text: PageText, _ column: Column, _ texts: [UInt8]) -> Bool {
            column == .text(Array(texts[text.range]))
        }
    }
}

extension RowReaderTarget.Column {
    fileprivate var integer: Int64? {
        guard case .integer(let integer) = self else { return nil }
        return integer
    }
}
