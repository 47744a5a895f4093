// The parser accepts what RFC 8259 allows, and nothing else.

import Testing

@testable import Handlers

@Suite struct JSONObjectTests {
    @Test func aValueOfEachKind() throws {
        let object = try parse(
            #" { "a" : "x" , "b":-1.5e3,"c":true,"d":false,"e":null,"f":[1,{"g":[]}],"h":{"i":{}} } "#
        )
        #expect(object["a"] == .string("x"))
        #expect(object["b"] == .number(JSONNumber(text: "-1.5e3")))
        #expect(object["c"] == .boolean(true))
        #expect(object["d"] == .boolean(false))
        #expect(object["e"] == .null)
        #expect(object["f"] == .array)
        #expect(object["h"] == .object)
        #expect(object["i"] == nil)
    }

    @Test func ofDoubledKeysTheLastCounts() throws {
        #expect(try parse(#"{"a":1,"a":"2"}"#)["a"] == .string("2"))
        #expect(try parse(#"{"a":1,"\u0061":null}"#)["a"] == .null)
    }

    @Test(arguments: [
        (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"), (#"\u4f60\u597D"#, "你好"), (#"\ud83d\ude00"#, "😀"),
        (#"a\u0000b"#, "a\0b"), ("你好😀", "你好😀"), (#"x\ny"#, "x\ny"), ("", ""), ("\u{7f}\u{2028}", "\u{7f}\u{2028}"),
    ])
    func stringsAndTheirEscapes(text: String, expected: String) throws {
        #expect(try parse(#"{"a":"\#(text)"}"#)["a"] == .string(expected))
    }

    @Test(arguments: [
        "", " ", "{", "}", "{}}", "{}x", "{} {}", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a" 1}"#, #"{a:1}"#,
        #"{'a':1}"#, #"{1:1}"#, #"{"a":1 "b":2}"#, #"{"a":[1,]}"#, #"{"a":[1 2]}"#, #"{"a":[}"#, #"{"a":tru}"#,
        #"{"a":True}"#, #"{"a":nul}"#, #"{"a":NaN}"#, #"{"a":Infinity}"#, #"{"a":01}"#, #"{"a":+1}"#, #"{"a":.5}"#,
        #"{"a":1.}"#, #"{"a":1e}"#, #"{"a":1e+}"#, #"{"a":-}"#, #"{"a":0x10}"#, #"{"a":"}"#, #"{"a":"\x"}"#,
        #"{"a":"\u12"}"#, #"{"a":"\u12g4"}"#, "{\"a\":\"x\ny\"}", "{\"a\":\"\\ty\u{0}\"}", "{/**/}", "{}//",
        "\u{feff}{}", "{\"a\":\u{a0}1}", "{\"a\":1\u{c}}",
    ])
    func aTextThatIsNoJSONIsRefused(text: String) {
        #expect { try parse(text) } throws: { error in
            if case .syntax = error as? JSONError { true } else { false }
        }
    }

    @Test(arguments: ["[]", "1", #""a""#, "null", "[{}]", "true"])
    func JSONThatIsNoObjectIsRefused(text: String) {
        #expect(throws: JSONError.notAnObject) { try parse(text) }
    }

    @Test(arguments: [#"\ud800"#, #"\ud83dx"#, #"\ud83d\n"#, #"\ude00"#, #"\ud83d\u0041"#, #"\ud83d\ud83d"#])
    func halfOfASurrogatePairIsRefused(text: String) {
        #expect(throws: JSONError.notUnicode) { try parse(#"{"a":"\#(text)"}"#) }
        #expect(throws: JSONError.notUnicode) { try parse(#"{"\#(text)":1}"#) }
    }

    @Test(
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE4, 0xBD]] as [[UInt8]]
    )
    func bytesThatAreNotUTF8AreRefused(bytes: [UInt8]) {
        #expect(throws: JSONError.notUnicode) {
            try JSONObject(parsing: Array(#"{"a":""#.utf8) + bytes + Array(#""}"#.utf8))
        }
        #expect(throws: JSONError.notUnicode) {
            try JSONObject(parsing: Array(#"{"a":"\n"#.utf8) + bytes + Array(#""}"#.utf8))
        }
    }

    @Test func utf16IsRefused() {
        #expect(throws: JSONError.syntax(offset: 0)) {
            try JSONObject(parsing: [0xFF, 0xFE] + Array("{}".utf16).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] })
        }
    }

    @Test func nestingIsBounded() throws {
        let deepest = JSONObject.maximumDepth
        func nested(_ depth: Int) -> String {
            #"{"a":"# + String(repeating: "[", count: depth - 1) + String(repeating: "]", count: depth - 1) + "}"
        }
        #expect(try parse(nested(deepest))["a"] == .array)
        #expect(throws: JSONError.tooDeep) { try parse(nested(deepest + 1)) }
        #expect(throws: JSONError.tooDeep) { try parse(String(repeating: "[", count: 500_000)) }
        #expect(throws: JSONError.tooDeep) { try parse(String(repeating: #"{"a":"#, count: 100_000)) }
    }

    private func parse(_ text: String) throws(JSONError) -> JSONObject {
        try JSONObject(parsing: Array(text.utf8))
    }
}
