// Nobody is let in whose token was not signed, and nobody as somebody else.

import Foundation

@testable import Handlers

/// The input: what to do, then a token as a peer makes it up, or a header and claims that are signed in the
/// way that is to be tried.
enum TokenVerifierTarget {
    static let target = FuzzTarget(name: "token-verifier", feed: feed)

    private static let now: Int64 = 1_700_000_000
    private static let secret = Array("a secret of the fuzz, with more than 32 bytes".utf8)
    private static let previous = Array("another one, which was changed for the first".utf8)
    private static let header = Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8)
    private nonisolated(unsafe) static let verifier = TokenVerifier(keys: [secret, previous], issuer: nil)
    private nonisolated(unsafe) static let strict = TokenVerifier(keys: [secret], issuer: "orbia_api")
    private nonisolated(unsafe) static let signer = HMACSHA256(key: secret)
    private nonisolated(unsafe) static let stranger = HMACSHA256(key: Array("a stranger's".utf8))

    private static func feed(_ bytes: UnsafeRawBufferPointer) {
        var input = FuzzInput(bytes)
        switch input.number(below: 5) {
        case 0: checkUnsigned(Array(input.rest))
        case 1: checkUnsigned(Array("Bearer ".utf8) + input.rest)
        case 2: checkSigned(header, Array(input.rest))
        case 3:
            let length = input.number(below: 256)
            checkSigned(input.bytes(length), Array(input.rest))
        default: checkForged(input.byte(), Array(input.rest))
        }
    }

    /// Bytes that nobody has signed; no input of a fuzz has the right 32 bytes behind it.
    private static func checkUnsigned(_ authorization: [UInt8]) {
        expect(accepted(authorization) == nil, "an unsigned token is accepted")
    }

    /// Signed as it should be: what it says is what counts.
    private static func checkSigned(_ header: [UInt8], _ claims: [UInt8]) {
        let token = Array("Bearer ".utf8) + signed(header, claims, by: signer)
        let user = accepted(token)
        let expected = expectedUser(of: claims, under: header)
        if let user, isComparable(header), isComparable(claims) {
            expect(expected == user, "user \(user) is accepted for \(String(describing: expected))")
        }
        if (try? strict.verify(authorization: token, now: now)) != nil {
            expect(user != nil, "an issuer that is to be checked makes a token good")
            expect(
                !isComparable(claims) || object(claims)?["iss"] as? String == "orbia_api",
                "another issuer is accepted"
            )
        }
    }

    /// Good claims under a signature that is not: a stranger's, cut, or with one bit changed.
    private static func checkForged(_ choice: UInt8, _ claims: [UInt8]) {
        var token = Array("Bearer ".utf8)
        if choice == 0 {
            token += signed(header, claims, by: stranger)
        } else {
            token += signed(header, claims, by: signer)
            let place = token.count - 1 - Int(choice) % 43
            if choice & 0x80 != 0 { token.removeSubrange(place...) } else { token[place] ^= 1 << (choice % 7) }
        }
        expect(accepted(token) == nil, "a forged token is accepted")
    }

    private static func accepted(_ authorization: [UInt8]) -> Int64? {
        (try? verifier.verify(authorization: authorization, now: now))?.userID
    }

    private static func signed(_ header: [UInt8], _ claims: [UInt8], by signer: HMACSHA256) -> [UInt8] {
        let text = Array((Base64URL.encode(header) + "." + Base64URL.encode(claims)).utf8)
        return text + Array(".\(Base64URL.encode(signer.code(of: text[...])))".utf8)
    }

    // MARK: What Foundation reads in the same token

    private static func expectedUser(of claims: [UInt8], under header: [UInt8]) -> Int64? {
        guard let header = object(header), header["alg"] as? String == "HS256", header["crit"] == nil,
            let claims = object(claims),
            let expiry = claims["exp"] as? NSNumber, expiry.doubleValue + TokenVerifier.leeway > Double(now)
        else { return nil }
        if let start = claims["nbf"] {
            guard let start = start as? NSNumber, start.doubleValue - TokenVerifier.leeway <= Double(now) else {
                return nil
            }
        }
        switch claims["user_id"] ?? claims["sub"] {
        case let number as NSNumber: return number.int64Value
        case let text as String: return Int64(text)
        default: return nil
        }
    }

    /// Of doubled keys Foundation takes the first, and a number that no double holds makes it refuse all of a text.
    private static func isComparable(_ text: [UInt8]) -> Bool {
        guard object(text) != nil, let members = try? JSONObject(parsing: text).members else { return false }
        return Set(members.map(\.key)).count == members.count
    }

    private static func object(_ text: [UInt8]) -> [String: Any]? {
        try? JSONSerialization.jsonObject(with: Data(text)) as? [String: Any]
    }
}
