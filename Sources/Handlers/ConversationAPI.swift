// The way of a request through the API, check by check.

public import MySQLStore

/// Answers requests. Each worker thread has one, and uses it alone.
public final class ConversationAPI {
    private let store: Store
    private let tokens: TokenVerifier
    private var json = JSONWriter()

    /// The largest body that is taken, in bytes: content of the greatest size, with every character
    /// escaped, is 393 KB.
    public static let bodyLimit = 512 * 1024

    /// An API over a store, for the bearers of good tokens.
    public init(store: Store, tokens: TokenVerifier) {
        self.store = store
        self.tokens = tokens
    }

    /// Answers one request.
    ///
    /// - Parameter now: seconds since 1970.
    public func respond(to request: Request, now: Int64) -> Response {
        // A buffer that grew for a large answer is given back at once.
        defer { json.reset() }
        do {
            try answer(request, now: now)
            return Response(status: 200, headers: [], body: json.bytes, failure: nil)
        } catch {
            json.reset()
            json.object { json in json.baseResponse(code: error.status, message: error.message) }
            return Response(
                status: error.status,
                headers: error.header.map { [$0.field] } ?? [],
                body: json.bytes,
                failure: error.failure
            )
        }
    }

    /// The order of checks is the contract's: route, method, size, token, body, and then, in the
    /// store, user, conversation, membership, state.
    private func answer(_ request: Request, now: Int64) throws(APIError) {
        guard let route = Route(rawValue: request.path) else { throw .noSuchRoute }
        guard request.method == "POST" else { throw .methodNotAllowed }
        guard let body = request.body else { throw .bodyTooLarge }
        let userID: Int64
        do {
            userID = try tokens.userID(authorization: request.authorization, now: now)
        } catch {
            throw APIError(error)
        }
        let fields = try Fields(body: body)
        switch route {
        case .sendMessage: try answer(SendMessage(fields), to: userID)
        case .getMessages: try answer(GetMessages(fields), to: userID)
        case .getConversation: try answer(GetConversation(fields), to: userID)
        case .getConversations: try answer(GetConversations(fields), to: userID)
        case .markRead: try answer(MarkRead(fields), to: userID)
        }
    }

    private func answer(_ endpoint: some Endpoint, to userID: Int64) throws(APIError) {
        do {
            try json.object { json throws(StoreError) in
                try endpoint.respond(to: userID, from: store, into: &json)
                json.baseResponse(code: 200, message: "success")
            }
        } catch {
            throw APIError(error)
        }
    }
}

extension APIError.Header {
    fileprivate var field: (name: StaticString, value: String) {
        switch self {
        case .allow(let methods): ("Allow", methods)
        case .authenticate: ("WWW-Authenticate", "Bearer")
        case .retryAfter(let seconds): ("Retry-After", String(seconds))
        }
    }
}
