public import Runtime

/// An HTTP request that was received whole, without the protocol that brought it.
public struct Request: Sendable {
    /// The method as it was sent: GET, POST, …
    public var method: String
    /// The decoded path, without the query.
    public var path: String
    /// The Authorization header's value; nil without one.
    public var authorization: [UInt8]?
    /// The body; nil where it was longer than the service takes.
    public var body: [UInt8]?
    /// When nobody waits for the answer any more.
    public var deadline: Instant

    /// A request from its parts.
    public init(
        method: String,
        path: String,
        authorization: [UInt8]?,
        body: [UInt8]?,
        deadline: Instant
    ) {
        self.method = method
        self.path = path
        self.authorization = authorization
        self.body = body
        self.deadline = deadline
    }
}
