// The outcome that the routines of schema.sql answer with.

/// A row of a routine's answer.
protocol RoutineRow {
    /// `sent`, `duplicate` or `read`, or the raw value of a `Refusal`.
    var outcome: String { get }
}

/// Returns a routine's row where its outcome is one of the expected ones; throws the refusal that it is otherwise.
func checkOutcome<Row: RoutineRow>(_ row: Row?, isAmong expected: [String]) throws(StoreError) -> Row {
    guard let row else { throw .failed(.unexpectedOutcome) }
    guard expected.contains(row.outcome) else {
        guard let refusal = Refusal(rawValue: row.outcome) else { throw .failed(.unexpectedOutcome) }
        throw .refused(refusal)
    }
    return row
}

extension DatabaseError {
    static let unexpectedOutcome = unexpectedRow("the routine's answer is not one that this build knows")
}

extension ConversationReference {
    /// The two parameters that name a conversation to a routine; one of them is NULL.
    var parameters: (id: Int64?, code: String?) {
        switch self {
        case .id(let id): (id, nil)
        case .code(let code): (nil, code)
        }
    }

    /// The id that the two `parameters` name, as SQL.
    static let idOfParameters = "COALESCE(?, (SELECT id FROM orbia_conversation WHERE conversation_id = ?))"
}
