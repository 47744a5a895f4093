/// Where a page of messages begins. Times are in milliseconds since 1970, and may be any integer; a message of that
/// very time is not on the page.
public enum MessageCursor: Hashable, Sendable {
    /// The newest messages before a time; with nil, the newest ones of all.
    case before(Int64?)
    /// The oldest messages after a time.
    case after(Int64)
}
