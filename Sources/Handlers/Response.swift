/// The answer to a request, without the protocol that takes it to the client. It is always JSON.
public struct Response: Sendable {
    /// The HTTP status, the same as `base_resp.code`.
    public var status: Int
    /// The headers beside Content-Type and Content-Length.
    public var headers: [(name: StaticString, value: String)]
    /// JSON in UTF-8.
    public var body: [UInt8]
    /// Why the service could not do what was asked; nil where it did, or the request is at fault.
    public var failure: InternalFailure?
    /// What is known of the request beside its answer.
    public var facts: RequestFacts

    /// An answer from its parts.
    public init(
        status: Int,
        headers: [(name: StaticString, value: String)],
        body: [UInt8],
        failure: InternalFailure? = nil,
        facts: RequestFacts = RequestFacts()
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.failure = failure
        self.facts = facts
    }
}
