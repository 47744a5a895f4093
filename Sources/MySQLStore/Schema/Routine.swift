/// The routines of schema.sql that the service calls.
enum Routine: String, CaseIterable {
    case sendMessage = "orbia_post_message"
    case recallMessage = "orbia_recall_message"
    case markRead = "orbia_mark_read"
    case backfill = "orbia_backfill_conversations"
    case schemaState = "orbia_schema_state"
    case definerReport = "orbia_definer_report"
    case backfillReport = "orbia_backfill_report"
    case tellOrderProgress = "orbia_tell_order_progress"
    case orderProgressReport = "orbia_order_progress_report"

    /// The statement that calls the routine.
    ///
    /// - Parameter parameters: the list in its parentheses.
    func call(_ parameters: String) -> String { "CALL \(rawValue)(\(parameters))" }
}
