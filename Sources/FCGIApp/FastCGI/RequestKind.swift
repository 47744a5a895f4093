/// What a request is known for as it is received, by its path alone.
enum RequestKind {
    /// It writes to a conversation.
    case write
    /// It looks through many rows.
    case search
    /// Nothing of that, or it is not known.
    case other
}
