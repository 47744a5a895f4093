// What a handler is given: an HTTP request, without the protocol that brought it.

public import Runtime

/// A request, read to its end.
public struct Request: Sendable {
    /// GET, POST, … as it was sent.
    public var method: String
    /// The decoded path, without the query.
    public var path: String
    /// The Authorization header's value; nil without one.
    public var authorization: [UInt8]?
    /// The body; nil where it was longer than the service takes.
    public var body: [UInt8]?
    /// When the answer is no longer of use to whoever waits for it.
    public var deadline: Instant

    /// A request, read to its end.
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
