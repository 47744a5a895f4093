// The verifier is tried with the published vectors, and each of its rules by a test.

import Testing

@testable import Handlers

@Suite struct TokenVerifierTests {
    private static let secret = "a secret of at least thirty-two bytes"
    private static let now: Int64 = 1_700_000_000
    private static let claims = #"{"user_id":7,"iss":"orbia_api","nbf":1699999999,"exp":1700000100}"#

    // MARK: RFC 7515, appendix A.1; the same token is the example of RFC 7519, section 3.1

    private static let vectorKey = Base64URL.decode(
        Array("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow".utf8)[...]
    )
    private static let vector =
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        + ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    @Test func theVectorsSignatureAndClaimsAreRead() throws {
        let verifier = TokenVerifier(keys: [try #require(Self.vectorKey)], issuer: nil)
        // Signature, algorithm and expiry are good; it only names no user of this platform.
        #expect(throws: TokenError.invalid) { try verify(Self.vector, with: verifier, now: 1_300_819_380) }
        // That the time is looked at at all shows that the signature was accepted.
        #expect(throws: TokenError.expired) { try verify(Self.vector, with: verifier, now: 1_300_819_410) }
        let other = TokenVerifier(secrets: [Self.secret], issuer: nil)
        #expect(throws: TokenError.invalid) { try verify(Self.vector, with: other, now: 1_300_819_410) }
    }

    @Test func theUnsecuredTokenOfRFC7519Section6IsRefused() {
        let token =
            "eyJhbGciOiJub25lIn0"
            + ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
        #expect(throws: TokenError.invalid) { try verify(token, now: 1_300_819_380) }
    }

    // MARK: Form

    @Test func aTokenOfTheServicesOwnIsAccepted() throws {
        let token = TokenIssuer.token(
            userID: 42,
            secret: Self.secret,
            issuer: "orbia_api",
            issuedAt: Self.now,
            lifetime: 60
        )
        #expect(try verify(token) == 42)
    }

    @Test(arguments: ["Bearer ", "bearer ", "BEARER ", "Bearer   "])
    func theSchemesNameKnowsNoCase(scheme: String) throws {
        let token = Array((scheme + sign(Self.claims)).utf8)
        let verifier = TokenVerifier(secrets: [Self.secret], issuer: nil)
        #expect(try verifier.verify(authorization: token, now: Self.now).userID == 7)
    }

    @Test(arguments: [nil, "", "Bearer", "Bearer ", "Basic YTpi", "Token abc", "Bearerabc"])
    func withoutABearerTokenItIsMissing(header: String?) {
        let verifier = TokenVerifier(secrets: [Self.secret], issuer: nil)
        #expect(throws: TokenError.missing) {
            try verifier.verify(authorization: header.map { Array($0.utf8) }, now: Self.now)
        }
    }

    @Test(arguments: ["", ".", "..", "...", "a", "a.b", "a.b.c", "a.b.c.d", "é.é.é"])
    func aTokenWithoutThreePartsIsRefused(token: String) {
        #expect(throws: TokenError.invalid) { try verify(token) }
    }

    @Test func anAlteredTruncatedOrPaddedTokenIsRefused() throws {
        let token = sign(Self.claims)
        #expect(try verify(token) == 7)
        for other in [
            String(token.dropLast()), token + "A", token + "=", token + ".", " " + token, token + " ",
            token.replacing(".", with: "..", maxReplacements: 1), "A" + token,
        ] {
            #expect(throws: TokenError.invalid) { try verify(other) }
        }
    }

    @Test func aSignatureThatDiffersInUnusedBitsAloneIsRefused() {
        // 32 bytes leave two bits of the last character unused: four characters would decode alike.
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let token = sign(Self.claims)
        let last = alphabet.firstIndex(of: token.last!)!
        for offset in 1...3 {
            #expect(throws: TokenError.invalid) { try verify(token.dropLast() + String(alphabet[last + offset])) }
        }
    }

    // MARK: Header

    @Test(arguments: [
        "none", "None", "NONE", "nOnE", "", "hs256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "HS256 ",
    ])
    func anotherAlgorithmIsRefusedHoweverItIsSigned(algorithm: String) {
        #expect(throws: TokenError.invalid) { try verify(sign(Self.claims, header: #"{"alg":"\#(algorithm)"}"#)) }
    }

    @Test(arguments: [
        "{}", #"{"alg":null}"#, #"{"alg":["HS256"]}"#, #"{"ALG":"HS256"}"#, "[]", "", "HS256",
        #"{"alg":"HS256","crit":["exp"]}"#, #"{"alg":"HS256","alg":"none"}"#,
    ])
    func aHeaderThatDoesNotSayHS256IsRefused(header: String) {
        #expect(throws: TokenError.invalid) { try verify(sign(Self.claims, header: header)) }
    }

    // MARK: Times

    @Test func expiryIsKeptWithThirtySecondsOfLeeway() throws {
        let token = sign(#"{"user_id":7,"exp":1700000000}"#)
        #expect(try verify(token, now: Self.now + 29) == 7)
        #expect(throws: TokenError.expired) { try verify(token, now: Self.now + 30) }
        #expect(try verify(sign(#"{"user_id":7,"exp":1700000000.5}"#), now: Self.now + 30) == 7)
    }

    @Test func notBeforeIsKeptWithThirtySecondsOfLeeway() throws {
        let token = sign(#"{"user_id":7,"exp":1800000000,"nbf":1700000030}"#)
        #expect(try verify(token, now: Self.now) == 7)
        #expect(throws: TokenError.notYetValid) { try verify(token, now: Self.now - 1) }
    }

    @Test(arguments: ["null", #""1700000100""#, "true", "[1700000100]", "1e999"])
    func anExpiryThatIsNoNumberIsRefused(expiry: String) {
        #expect(throws: TokenError.invalid) { try verify(sign(#"{"user_id":7,"exp":\#(expiry)}"#)) }
    }

    @Test func withoutAnExpiryItIsRefused() {
        #expect(throws: TokenError.invalid) { try verify(sign(#"{"user_id":7}"#)) }
    }

    @Test(arguments: ["-1", "0", "-1e300", "1699999970"])
    func anExpiryLongAgoIsExpired(expiry: String) {
        #expect(throws: TokenError.expired) { try verify(sign(#"{"user_id":7,"exp":\#(expiry)}"#)) }
    }

    @Test(arguments: ["null", #""1""#, "false"])
    func aNotBeforeThatIsNoNumberIsRefused(notBefore: String) {
        #expect(throws: TokenError.invalid) {
            try verify(sign(#"{"user_id":7,"exp":1800000000,"nbf":\#(notBefore)}"#))
        }
    }

    // MARK: User

    @Test(arguments: [
        (#""user_id":7"#, 7), (#""user_id":"7""#, 7), (#""user_id":7.0"#, 7), (#""sub":"7""#, 7), (#""sub":7"#, 7),
        (#""user_id":8,"sub":"9""#, 8), (#""user_id":9223372036854775807"#, Int64.max),
    ])
    func theUserIsAPositiveIntegerOrItsDigits(claims: String, expected: Int64) throws {
        #expect(try verify(sign(#"{"exp":1800000000,\#(claims)}"#)) == expected)
    }

    @Test(arguments: [
        #""user_id":0"#, #""user_id":-7"#, #""user_id":7.5"#, #""user_id":"""#, #""user_id":"-7""#,
        #""user_id":"7 ""#, #""user_id":"+7""#, #""user_id":"7.0""#, #""user_id":"٧""#, #""user_id":null"#,
        #""user_id":true"#, #""user_id":[7]"#, #""user_id":{"id":7}"#, #""user_id":9223372036854775808"#,
        #""user_id":"9223372036854775808""#, #""user_id":1e400"#, #""user_id":null,"sub":"7""#, #""sub":"0""#,
        #""sub":"somebody""#, #""uid":7"#,
    ])
    func anythingElseIsNoUser(claims: String) {
        #expect(throws: TokenError.invalid) { try verify(sign(#"{"exp":1800000000,\#(claims)}"#)) }
    }

    // MARK: Issuer and secrets

    @Test func theIssuerIsCheckedWhereOneIsConfigured() throws {
        let strict = TokenVerifier(secrets: [Self.secret], issuer: "orbia_api")
        #expect(try verify(sign(Self.claims), with: strict) == 7)
        for issuer in [#","iss":"somebody""#, #","iss":null"#, #","iss":["orbia_api"]"#, ""] {
            let token = sign(#"{"user_id":7,"exp":1800000000\#(issuer)}"#)
            #expect(throws: TokenError.invalid) { try verify(token, with: strict) }
            #expect(try verify(token) == 7)
        }
    }

    @Test func aSecondSecretIsAsGoodAsTheFirst() throws {
        let rotating = TokenVerifier(secrets: ["the new secret", Self.secret], issuer: nil)
        #expect(try verify(sign(Self.claims), with: rotating) == 7)
        #expect(try verify(sign(Self.claims, secret: "the new secret"), with: rotating) == 7)
        #expect(throws: TokenError.invalid) { try verify(sign(Self.claims, secret: "another"), with: rotating) }
    }

    @Test func aTokenOfThePreviousSecretAloneIsToldApart() throws {
        let rotating = TokenVerifier(secrets: ["the new secret", Self.secret], issuer: nil)
        let old = Array(sign(Self.claims).utf8), new = Array(sign(Self.claims, secret: "the new secret").utf8)
        #expect(try rotating.verify(token: old[...], now: Self.now).isOfPreviousSecret)
        #expect(try !rotating.verify(token: new[...], now: Self.now).isOfPreviousSecret)
    }

    // MARK: -

    private func verify(_ token: String, with verifier: TokenVerifier? = nil, now: Int64 = now) throws -> Int64 {
        let verifier = verifier ?? TokenVerifier(secrets: [Self.secret], issuer: nil)
        return try verifier.verify(token: Array(token.utf8)[...], now: now).userID
    }

    private func sign(
        _ claims: String,
        header: String = #"{"alg":"HS256","typ":"JWT"}"#,
        secret: String = secret
    ) -> String {
        let signed = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
        let signature = HMACSHA256(key: Array(secret.utf8)).code(of: Array(signed.utf8)[...])
        return signed + "." + Base64URL.encode(signature)
    }
}
