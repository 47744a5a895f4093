// How a call of the store can fail.

/// An error of a call of the store.
public enum StoreError: Error, Sendable {
    /// The caller may not do it, or the conversation's state does not allow it. Nothing was changed.
    case refused(Refusal)
    /// No statement was sent: no host is usable, no connection could be made, no time was left at its start, or its
    /// table was locked a moment ago.
    case unavailable(DatabaseError)
    /// A statement has failed.
    case failed(DatabaseError)
}

/// Runs `body`, and throws its database error as `StoreError.failed`.
func withStoreErrors<Value>(_ body: () throws(DatabaseError) -> Value) throws(StoreError) -> Value {
    do {
        return try body()
    } catch {
        throw .failed(error)
    }
}
