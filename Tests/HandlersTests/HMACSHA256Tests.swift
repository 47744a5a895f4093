// HMAC with SHA-256 against published vectors.

import Testing

@testable import Handlers

@Suite struct HMACSHA256Tests {
    @Test func theVectorsOfRFC4231() {
        let first = HMACSHA256(key: [UInt8](repeating: 0x0B, count: 20)).code(of: Array("Hi There".utf8)[...])
        #expect(hex(first) == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        let second = HMACSHA256(key: Array("Jefe".utf8)).code(of: Array("what do ya want for nothing?".utf8)[...])
        #expect(hex(second) == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func aContextGivesTheSameCodeAgain() {
        let mac = HMACSHA256(key: Array("Jefe".utf8))
        let text = Array("what do ya want for nothing?".utf8)[...]
        let code = mac.code(of: text)
        _ = mac.code(of: [1, 2, 3])
        #expect(mac.code(of: text) == code)
    }

    @Test func oneWrongBitOrALengthOfItsOwnIsNoCode() {
        let mac = HMACSHA256(key: Array("key".utf8))
        let text: ArraySlice<UInt8> = [1, 2, 3]
        let code = mac.code(of: text)
        #expect(mac.isValid(code, for: text))
        for bit in 0..<256 {
            var altered = code
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!mac.isValid(altered, for: text))
        }
        #expect(!mac.isValid([], for: text))
        #expect(!mac.isValid(Array(code.dropLast()), for: text))
        #expect(!mac.isValid(code + [0], for: text))
    }

    private func hex(_ bytes: [UInt8]) -> String {
        bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
