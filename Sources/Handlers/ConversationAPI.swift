// The way of a request through the API, check by check.

public import MySQLStore
public import Runtime

/// Answers requests. Each worker thread has one, and uses it alone.
public final class ConversationAPI {
    private let store: Store
    private let tokens: TokenVerifier
    private let storage: FileStorage
    private var json = JSONWriter()

    /// An API on a store, for users with a valid token.
    ///
    /// - Parameter storage: where the files lie that messages may name.
    package init(store: Store, tokens: TokenVerifier, storage: FileStorage) {
        self.store = store
        self.tokens = tokens
        self.storage = storage
    }

    /// The result of a request.
    public enum Outcome {
        /// The request is answered.
        case answered(Response)
        /// The request has to wait for its turn, and is then to be given to an API again. Nothing has been done for it.
        case awaitsTurn(Turn)
        /// The request has found nothing new. It asks to wait for that, and is then to be given to an API again.
        case awaitsNews(Poll)
    }

    /// What is not done by all workers at once, so that a request may have to wait for its turn.
    public enum Turn: Hashable, Sendable {
        /// To write to a conversation (`orbia_conversation.id`).
        case write(conversation: Int64)
        /// To look through many rows.
        case search
    }

    /// A poll that asks to wait.
    public struct Poll: Sendable {
        /// What is to change before it is answered.
        public var subject: ChangeSubject
        /// The user of its token.
        public var userID: Int64
        /// The longest time that it waits.
        public var time: Interval
    }

    /// What a poll is to do.
    public enum Polling: Sendable {
        /// It may wait where nothing is new.
        case mayWait
        /// It has waited, and is answered that nothing is new.
        ///
        /// - Parameter retryAfter: in milliseconds: how long its client is to wait by itself, since the service did not
        ///   let it; nil: it did.
        case isOver(retryAfter: Int64?)
    }

    private enum Wait {
        case turn(Turn)
        case news(Poll)
    }

    /// What the checks of a request have found out about it so far.
    private struct Seen {
        /// nil: no good token was found.
        var token: VerifiedToken?
        /// nil: the request names no conversation, or its body was not read.
        var conversation: ConversationReference?
    }

    /// Answers a request, or has it wait for its turn.
    ///
    /// - Parameters:
    ///   - now: seconds since 1970.
    ///   - takeTurn: takes a turn, and returns whether there was one; nil: the request needs none.
    ///   - polling: what to do where it is a poll.
    public func respond(
        to request: Request,
        now: Int64,
        takeTurn: ((Turn) -> Bool)?,
        polling: Polling = .mayWait
    ) -> Outcome {
        // The memory of a large answer is freed at once.
        defer { json.reset() }
        var seen = Seen()
        do {
            switch try answer(request, now: now, takeTurn, polling, &seen) {
            case .turn(let turn): return .awaitsTurn(turn)
            case .news(let poll): return .awaitsNews(poll)
            case nil: break
            }
            return .answered(Response(status: 200, headers: [], body: json.bytes, facts: facts(of: seen)))
        } catch {
            json.reset()
            return .answered(error.response(using: &json, facts(of: seen)))
        }
    }

    /// What is told of a request in logs and metrics.
    private func facts(of seen: Seen) -> RequestFacts {
        var facts = RequestFacts()
        facts.userID = seen.token?.userID
        facts.usesPreviousSecret = seen.token?.isOfPreviousSecret ?? false
        facts.conversation = seen.conversation.flatMap(store.knownID)
        return facts
    }

    /// The answer to a request that is refused since too many wait already.
    public static func overloaded() -> Response {
        var json = JSONWriter()
        return APIError.overloaded.response(using: &json, RequestFacts())
    }

    /// Checks and answers a request. The order of the checks is the contract's: route, method, size, token, body, and
    /// then, in the store, user, conversation, membership, state.
    ///
    /// - Returns: what the request has to wait for; nil where it is answered.
    private func answer(
        _ request: Request,
        now: Int64,
        _ takeTurn: ((Turn) -> Bool)?,
        _ polling: Polling,
        _ seen: inout Seen
    ) throws(APIError) -> Wait? {
        guard let route = Route(rawValue: request.path) else { throw .noSuchRoute }
        guard request.method == "POST" else { throw .methodNotAllowed }
        guard let body = request.body else { throw .bodyTooLarge }
        let token: VerifiedToken
        do {
            token = try tokens.verify(authorization: request.authorization, now: now)
        } catch {
            throw APIError(error)
        }
        seen.token = token
        store.deadline = request.deadline
        let fields = try RequestFields(body: body)
        switch route {
        case .sendMessage: return try answer(SendMessage(fields, storage: storage), to: token.userID, takeTurn, &seen)
        case .getMessages: return try answer(poll: GetMessages(fields), to: token.userID, polling, &seen)
        case .getConversation: return try answer(GetConversation(fields), to: token.userID, takeTurn, &seen)
        case .getConversations: return try answer(poll: GetConversations(fields), to: token.userID, polling, &seen)
        case .markRead: return try answer(MarkRead(fields), to: token.userID, takeTurn, &seen)
        case .recallMessage: return try answer(RecallMessage(fields), to: token.userID, takeTurn, &seen)
        case .searchMessages: return try answer(SearchMessages(fields), to: token.userID, takeTurn, &seen)
        }
    }

    private func answer(
        _ endpoint: some Endpoint,
        to userID: Int64,
        _ takeTurn: ((Turn) -> Bool)?,
        _ seen: inout Seen
    ) throws(APIError) -> Wait? {
        seen.conversation = endpoint.namedConversation
        do {
            if let takeTurn, let turn = try turn(of: endpoint), !takeTurn(turn) { return .turn(turn) }
            try json.object { json throws(StoreError) in
                try endpoint.respond(to: userID, from: store, into: &json)
                json.baseResponse(code: 200, message: "success")
            }
            return nil
        } catch {
            throw APIError(error)
        }
    }

    /// The turn that a request needs; nil: none.
    private func turn(of endpoint: some Endpoint) throws(StoreError) -> Turn? {
        if endpoint.searches { return .search }
        guard let reference = endpoint.writtenConversation else { return nil }
        return try store.id(of: reference).map { .write(conversation: $0) }
    }

    private func answer(
        poll endpoint: some PollingEndpoint,
        to userID: Int64,
        _ polling: Polling,
        _ seen: inout Seen
    ) throws(APIError) -> Wait? {
        guard endpoint.wait > .zero else { return try answer(endpoint, to: userID, nil, &seen) }
        seen.conversation = endpoint.namedConversation
        if case .isOver(let retryAfter) = polling {
            json.object { json in
                endpoint.writeNoNews(into: &json)
                if let retryAfter { json.member("retry_after", retryAfter) }
                json.baseResponse(code: 200, message: "success")
            }
            return nil
        }
        do {
            var subject: ChangeSubject?
            try json.object { json throws(StoreError) in
                subject = try endpoint.respondWithNews(to: userID, from: store, into: &json)
                json.baseResponse(code: 200, message: "success")
            }
            return subject.map { .news(Poll(subject: $0, userID: userID, time: endpoint.wait)) }
        } catch {
            throw APIError(error)
        }
    }
}

extension APIError {
    /// The answer to the request, written with an empty writer.
    fileprivate func response(using json: inout JSONWriter, _ facts: RequestFacts) -> Response {
        var facts = facts
        facts.refusal = message
        json.object { json in json.baseResponse(code: status, message: message) }
        return Response(
            status: status,
            headers: header.map { [$0.field] } ?? [],
            body: json.bytes,
            failure: failure,
            facts: facts
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
