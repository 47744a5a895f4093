// The way of a request through the API, check by check.

public import MySQLStore

/// Answers requests. Each worker thread has one, and uses it alone.
public final class ConversationAPI {
    private let store: Store
    private let tokens: TokenVerifier
    private var json = JSONWriter()

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
        var userID: Int64?
        do {
            try answer(request, now: now, userID: &userID)
            return Response(status: 200, headers: [], body: json.bytes, userID: userID)
        } catch {
            json.reset()
            return error.response(using: &json, userID: userID)
        }
    }

    /// The answer to a request that is not served, since too many wait already.
    public static func overloaded() -> Response {
        var json = JSONWriter()
        return APIError.overloaded.response(using: &json, userID: nil)
    }

    /// The order of checks is the contract's: route, method, size, token, body, and then, in the
    /// store, user, conversation, membership, state.
    private func answer(_ request: Request, now: Int64, userID: inout Int64?) throws(APIError) {
        guard let route = Route(rawValue: request.path) else { throw .noSuchRoute }
        guard request.method == "POST" else { throw .methodNotAllowed }
        guard let body = request.body else { throw .bodyTooLarge }
        let caller: Int64
        do {
            caller = try tokens.userID(authorization: request.authorization, now: now)
        } catch {
            throw APIError(error)
        }
        userID = caller
        store.deadline = request.deadline
        let fields = try Fields(body: body)
        switch route {
        case .sendMessage: try answer(SendMessage(fields), to: caller)
        case .getMessages: try answer(GetMessages(fields), to: caller)
        case .getConversation: try answer(GetConversation(fields), to: caller)
        case .getConversations: try answer(GetConversations(fields), to: caller)
        case .markRead: try answer(MarkRead(fields), to: caller)
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

extension APIError {
    /// The answer that it becomes, written with a writer that holds nothing.
    fileprivate func response(using json: inout JSONWriter, userID: Int64?) -> Response {
        json.object { json in json.baseResponse(code: status, message: message) }
        return Response(
            status: status,
            headers: header.map { [$0.field] } ?? [],
            body: json.bytes,
            failure: failure,
            userID: userID
        )
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
