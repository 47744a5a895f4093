// A text of base64url is decoded in its one canonical form.

import Testing

@testable import Handlers

@Suite struct Base64URLTests {
    @Test(arguments: [
        ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
        ("foobar", "Zm9vYmFy"),
    ])
    func theVectorsOfRFC4648WithoutPadding(plain: String, encoded: String) {
        #expect(Base64URL.encode(Array(plain.utf8)) == encoded)
        #expect(Base64URL.decode(Array(encoded.utf8)[...]) == Array(plain.utf8))
    }

    @Test func theVectorOfRFC7515AppendixC() {
        #expect(Base64URL.encode([3, 236, 255, 224, 193]) == "A-z_4ME")
        #expect(Base64URL.decode(Array("A-z_4ME".utf8)[...]) == [3, 236, 255, 224, 193])
    }

    @Test(arguments: [
        "Zg==", "Zm8=", "A+z/4ME", "Z", "Zm9vY", "Zm 9v", "Zm9v\n", "Zh", "Zm9", "Zm9vYh", "Zm9v.", "Zm9vé",
    ])
    func aTextThatNoEncoderWritesIsRefused(text: String) {
        #expect(Base64URL.decode(Array(text.utf8)[...]) == nil)
    }
}
