/// The cause of an answer that is the service's or the database's fault. It is for the log alone, and has neither token
/// nor content in it.
public struct InternalFailure: Hashable, Sendable {
    /// The kind of failure, which is the same for all requests that fail for this reason.
    public var cause: String
    /// All that is known of this failure.
    public var description: String
}
