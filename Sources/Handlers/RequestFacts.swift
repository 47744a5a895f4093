/// What is known of a request once it is answered, for logs and metrics. It holds neither token nor content.
public struct RequestFacts: Sendable {
    /// The user of the request's token; nil where the token is not valid, or was not checked.
    public var userID: Int64?
    /// Whether the token is good by the previous secret alone.
    public var usesPreviousSecret = false
    /// `orbia_conversation.id` of the conversation that the request names; nil where it names none, or by a code or an
    /// order that no conversation was found by.
    public var conversation: Int64?
    /// Why the request was refused, in the words of its answer; nil: it was not.
    public var refusal: String?

    /// Nothing is known.
    public init() {}
}
