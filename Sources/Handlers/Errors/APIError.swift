// The table from errors to the answers that they become.

internal import MySQLStore

/// An answer other than 200.
struct APIError: Error, Hashable {
    /// The HTTP status, and `base_resp.code`.
    var status: Int
    /// `base_resp.message`, for the caller.
    var message: String
    /// The header that the status demands.
    var header: Header?
    /// The cause of a 5xx, for the log alone.
    var failure: InternalFailure?

    enum Header: Hashable {
        case allow(String)
        case authenticate
        case retryAfter(seconds: Int)
    }

    static let noSuchRoute = APIError(status: 404, message: "no such route")
    static let methodNotAllowed = APIError(status: 405, message: "method not allowed, use POST", header: .allow("POST"))
    static let bodyTooLarge = APIError(status: 413, message: "request body is too large")
    static let overloaded = APIError(
        status: 503,
        message: "service temporarily unavailable",
        header: .retryAfter(seconds: 1)
    )

    /// A 400 about one key of the body.
    static func invalid(_ key: String, _ expectation: String) -> APIError {
        APIError(status: 400, message: "\(key) \(expectation)")
    }

    init(status: Int, message: String, header: Header? = nil, failure: InternalFailure? = nil) {
        self.status = status
        self.message = message
        self.header = header
        self.failure = failure
    }

    init(_ error: TokenError) {
        let message =
            switch error {
            case .missing: "missing bearer token"
            case .invalid: "invalid token"
            case .expired: "token has expired"
            case .notYetValid: "token is not valid yet"
            }
        self.init(status: 401, message: message, header: .authenticate)
    }

    init(_ error: JSONError) {
        let message =
            switch error {
            case .syntax(let offset): "the body is not valid JSON (at byte \(offset))"
            case .notUnicode: "the body is not valid JSON (a string in it is not UTF-8)"
            case .tooDeep: "the body is nested too deeply"
            case .notAnObject: "the body must be a JSON object"
            }
        self.init(status: 400, message: message)
    }

    init(_ error: StoreError) {
        switch error {
        case .refused(.unknownUser):
            self.init(status: 401, message: "unknown user", header: .authenticate)
        case .refused(.userNotNormal):
            self.init(status: 403, message: "user is disabled or deleted")
        case .refused(.noConversation):
            self.init(status: 404, message: "conversation not found")
        case .refused(.notAMember):
            self.init(status: 403, message: "user is not a member of this conversation")
        case .refused(.conversationClosed):
            self.init(status: 400, message: "conversation is closed")
        // Like a closed conversation, it takes no message until an operator has mended it. A retry (503), or another
        // client_message_id (409), would be of no use.
        case .refused(.endOfTime):
            self.init(status: 400, message: "conversation is at the end of time")
        case .refused(.otherContent):
            self.init(status: 409, message: "client_message_id was used for another message")
        case .refused(.noQuotedMessage):
            self = .invalid("reply_to", "must be a message of this conversation that can be quoted")
        case .refused(.unknownMessage):
            self.init(status: 404, message: "message not found")
        case .refused(.notTheSender):
            self.init(status: 403, message: "only the sender can recall a message")
        case .refused(.recallTooLate):
            self.init(status: 400, message: "the message can no longer be recalled")
        case .failed(let error) where error.kind == .statement:
            self.init(status: 500, message: "internal error", failure: InternalFailure(error))
        case .failed(let error), .unavailable(let error):
            self.init(
                status: 503,
                message: "service temporarily unavailable",
                header: .retryAfter(seconds: 1),
                failure: InternalFailure(error)
            )
        }
    }
}

extension InternalFailure {
    fileprivate init(_ error: DatabaseError) {
        self.init(cause: "database error \(error.code.rawValue) (\(error.sqlState))", description: "database: \(error)")
    }
}
