/// Makes tokens like the platform's, for trying the service out.
public enum TokenIssuer {
    /// A token with the claims that the platform sets.
    ///
    /// - Parameters:
    ///   - issuedAt: seconds since 1970.
    ///   - lifetime: seconds until it expires.
    public static func token(
        userID: Int64,
        secret: String,
        issuer: String,
        issuedAt: Int64,
        lifetime: Int64
    ) -> String {
        var claims = JSONWriter()
        claims.object { claims in
            claims.member("user_id", userID)
            claims.member("iss", issuer)
            claims.member("iat", issuedAt)
            claims.member("nbf", issuedAt)
            claims.member("exp", issuedAt + lifetime)
        }
        let header = Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)
        let signed = Base64URL.encode(header) + "." + Base64URL.encode(claims.bytes)
        let signature = HMACSHA256(key: Array(secret.utf8)).code(of: Array(signed.utf8)[...])
        return signed + "." + Base64URL.encode(signature)
    }
}
