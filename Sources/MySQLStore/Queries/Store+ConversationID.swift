// The id of a conversation that a request names by its code: the turns to write to a conversation go by its id.

enum ConversationIDSQL {
    /// Parameter: the conversation's code.
    static let id = "SELECT id FROM orbia_conversation WHERE conversation_id = ?"
}

/// The id of a conversation.
struct ConversationIDRow: DecodableRow {
    var id: Int64

    init(_ row: inout RowReader) throws(DatabaseError) {
        id = try row.next()
    }
}

extension Store {
    /// The id of a conversation, deleted or not; nil where there is none. Access is not checked. It costs a statement
    /// where a code is new to the process.
    public func id(of reference: ConversationReference) throws(StoreError) -> Int64? {
        switch reference {
        case .id(let id):
            return id
        case .code(let code):
            if let id = conversationIDs[code] { return id }
            let found = try read(.conversation) { statements throws(StoreError) in
                try withStoreErrors { () throws(DatabaseError) in try statements.conversationID.row(code) }
            }
            guard let id = found?.id else { return nil }
            conversationIDs.remember(id, for: code)
            return id
        }
    }

    /// The id of a conversation, where it is known without asking the database.
    public func knownID(of reference: ConversationReference) -> Int64? {
        switch reference {
        case .id(let id): id
        case .code(let code): conversationIDs[code]
        }
    }

    /// Remembers the id of a conversation that a statement has found by this reference.
    func remember(_ id: Int64, for reference: ConversationReference) {
        guard case .code(let code) = reference, conversationIDs[code] == nil else { return }
        conversationIDs.remember(id, for: code)
    }
}
