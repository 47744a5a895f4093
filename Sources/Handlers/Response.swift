// What a handler answers with.

/// An answer: always JSON.
public struct Response: Sendable {
    /// The HTTP status, the same as `base_resp.code`.
    public var status: Int
    /// Headers beside Content-Type and Content-Length.
    public var headers: [(name: StaticString, value: String)]
    /// UTF-8.
    public var body: [UInt8]
    /// For the log alone: what went wrong on our side. Holds neither token nor content.
    public var failure: String?
}
