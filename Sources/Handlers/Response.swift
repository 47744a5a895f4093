// What a handler answers with.

/// What went wrong on our side, for the log alone. Holds neither token nor content.
public struct Failure: Hashable, Sendable {
    /// The kind of failure, without what differs from one request to the next.
    public var cause: String
    /// All that is known of this one.
    public var description: String
}

/// An answer: always JSON.
public struct Response: Sendable {
    /// The HTTP status, the same as `base_resp.code`.
    public var status: Int
    /// Headers beside Content-Type and Content-Length.
    public var headers: [(name: StaticString, value: String)]
    /// UTF-8.
    public var body: [UInt8]
    /// What went wrong on our side.
    public var failure: Failure?
    /// The user whose token was good; nil where that was not looked at, or there was none.
    public var userID: Int64?

    /// An answer.
    public init(
        status: Int,
        headers: [(name: StaticString, value: String)],
        body: [UInt8],
        failure: Failure? = nil,
        userID: Int64? = nil
    ) {
        self.status = status
        self.headers = headers
        self.body = body
        self.failure = failure
        self.userID = userID
    }
}
