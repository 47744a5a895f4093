// Checks JSON Web Tokens: RFC 7519 in the compact form of RFC 7515, with HS256 of RFC 7518 alone.

/// Finds the user of a valid token. It belongs to one thread, and caches nothing: a token that was valid a second ago
/// may have expired.
public final class TokenVerifier {
    private let keys: [HMACSHA256]
    private let issuer: String?

    /// The number of seconds by which the clocks of issuer and service may differ.
    static let leeway: Double = 30

    /// A verifier for tokens that one of several secrets has signed.
    ///
    /// - Parameters:
    ///   - secrets: the accepted secrets, the one in use first; more than one while a secret is rotated.
    ///   - issuer: the value that `iss` must have; nil: `iss` is not checked.
    public convenience init(secrets: [String], issuer: String?) {
        self.init(keys: secrets.map { Array($0.utf8) }, issuer: issuer)
    }

    /// - Parameter keys: the accepted keys, which need not be texts.
    init(keys: [[UInt8]], issuer: String?) {
        self.keys = keys.map(HMACSHA256.init)
        self.issuer = issuer
    }

    /// Verifies the token in an Authorization header (RFC 6750, section 2.1).
    ///
    /// - Parameter now: seconds since 1970.
    func verify(authorization: [UInt8]?, now: Int64) throws(TokenError) -> VerifiedToken {
        guard let authorization, let token = Self.bearerToken(in: authorization) else { throw .missing }
        return try verify(token: token, now: now)
    }

    /// Verifies a token in its compact form: header, claims and signature with dots between.
    func verify(token: ArraySlice<UInt8>, now: Int64) throws(TokenError) -> VerifiedToken {
        let dot = UInt8(ascii: ".")
        guard
            let first = token.firstIndex(of: dot),
            let second = token[(first + 1)...].firstIndex(of: dot),
            let signature = Base64URL.decode(token[(second + 1)...]),
            let key = keys.firstIndex(where: { $0.isValid(signature, for: token[..<second]) }),
            let header = Base64URL.decode(token[..<first]).flatMap(Self.object),
            let claims = Base64URL.decode(token[(first + 1)..<second]).flatMap(Self.object)
        else { throw .invalid }
        // `crit` names extensions that must be understood (RFC 7515, section 4.1.11): none is.
        guard header["alg"] == .string("HS256"), header["crit"] == nil else { throw .invalid }
        try checkTimes(of: claims, now: Double(now))
        if let issuer, claims["iss"] != .string(issuer) { throw .invalid }
        guard let userID = Self.userID(in: claims) else { throw .invalid }
        return VerifiedToken(userID: userID, isOfPreviousSecret: key > 0)
    }

    private func checkTimes(of claims: JSONObject, now: Double) throws(TokenError) {
        guard let expiry = claims["exp"]?.numericDate else { throw .invalid }
        guard now < expiry + Self.leeway else { throw .expired }
        guard let notBefore = claims["nbf"] else { return }
        guard let start = notBefore.numericDate else { throw .invalid }
        guard now + Self.leeway >= start else { throw .notYetValid }
    }

    /// `user_id`, or `sub` where that is absent: a positive integer, or its digits.
    private static func userID(in claims: JSONObject) -> Int64? {
        let id: Int64? =
            switch claims["user_id"] ?? claims["sub"] {
            case .number(let number): number.integer
            case .string(let text) where text.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }: Int64(text)
            default: nil
            }
        guard let id, id > 0 else { return nil }
        return id
    }

    private static func object(_ bytes: [UInt8]) -> JSONObject? {
        try? JSONObject(parsing: bytes)
    }

    private static func bearerToken(in authorization: [UInt8]) -> ArraySlice<UInt8>? {
        let scheme = Array("bearer ".utf8)
        guard authorization.count > scheme.count,
            // Letters differ from their capitals by one bit (and a space has it set).
            zip(authorization, scheme).allSatisfy({ $0 | 0x20 == $1 })
        else { return nil }
        let token = authorization[scheme.count...].drop { $0 == UInt8(ascii: " ") }
        return token.isEmpty ? nil : token
    }
}

extension JSONValue {
    /// Seconds since 1970, whole or not (RFC 7519, section 2).
    fileprivate var numericDate: Double? {
        guard case .number(let number) = self else { return nil }
        return number.integer.map(Double.init) ?? number.double
    }
}
