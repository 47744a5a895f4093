// Every character of Unicode is visible or blank as its properties say.

import Testing

@testable import Handlers

@Suite struct VisibleCharacterTests {
    @Test func aCharacterIsVisibleUnlessUnicodeSaysOtherwise() {
        let wrong = Self.differences(\.isVisible) { scalar in
            let properties = scalar.properties
            return !properties.isWhitespace && ![.control, .format].contains(properties.generalCategory)
                && !properties.isDefaultIgnorableCodePoint && scalar != "\u{2800}"
        }
        #expect(wrong.isEmpty)
    }

    @Test func aURLHasNoWhiteSpaceAndNoControlOrFormatCharacter() {
        let wrong = Self.differences(\.isWhiteSpaceOrControl) { scalar in
            scalar.properties.isWhitespace || [.control, .format].contains(scalar.properties.generalCategory)
        }
        #expect(wrong.isEmpty)
    }

    /// The numbers of all characters for which two statements differ.
    private static func differences(
        _ one: (Unicode.Scalar) -> Bool,
        _ other: (Unicode.Scalar) -> Bool
    ) -> [String] {
        (0...0x10FFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
            .filter { one($0) != other($0) }.map { String($0.value, radix: 16) }
    }

    @Test(arguments: [
        "\u{3164}", "\u{FFA0}", "\u{115F}", "\u{1160}", "\u{2800}", "\u{FE0F}", "\u{034F}", "\u{17B4}", "\u{17B5}",
        "\u{180B}", "\u{2065}", "\u{E0000}", "\u{E0100}", "\u{E01EF}", "\u{E0FFF}", "\u{1D173}",
        " \u{3164}\n\u{FE0F}\u{200D}\u{2800}",
    ])
    func aTextThatShowsNothingIsBlank(text: String) {
        #expect(throws: APIError(status: 400, message: "content must not be blank")) { try send(text) }
    }

    @Test(arguments: [
        "❤️", "👨‍👩‍👧", "\u{3164}.", "\u{2801}", "\u{301}", "\u{FFFD}", "\u{E000}", "\u{3131}", "한", "你", "\u{0378}",
        "\u{FFFE}",
    ])
    func aTextThatShowsSomethingIsNot(text: String) throws {
        #expect(try send(text).message.content == text)
    }

    @Test(arguments: ["/❤️.png", "https://example.com/\u{3164}"])
    func aNameMayHaveWhatIsIgnoredByDefault(url: String) throws {
        #expect(try send(url, type: "image").message.content == url)
    }

    private func send(_ content: String, type: String = "text") throws(APIError) -> SendMessage {
        let body = #"{"conversation_id":1,"message_type":"\#(type)","content":"\#(escaped(content))"}"#
        return try SendMessage(RequestFields(body: Array(body.utf8)))
    }

    private func escaped(_ text: String) -> String {
        text.replacing("\n", with: "\\n")
    }
}
