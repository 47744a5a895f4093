// The JSON writer: commas, escapes, numbers.

import Testing

@testable import Handlers

@Suite struct JSONWriterTests {
    @Test func commasStandBetweenMembersAndElements() {
        let text = write { json in
            json.object { json in
                json.member("a", "x")
                json.key("b")
                json.array([1, 2, 3] as [Int64]) { $0.integer($1) }
                json.key("c")
                json.array([[], ["y"]]) { json, values in json.array(values) { $0.string($1) } }
                json.key("d")
                json.object { _ in }
                json.member("e", true)
                json.member("f", nil as String?)
                json.member("g", nil as Int64?)
            }
        }
        #expect(text == #"{"a":"x","b":[1,2,3],"c":[[],["y"]],"d":{},"e":true,"f":null,"g":null}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("你好😀", #""你好😀""#), ("\"\\/", #""\"\\/""#), ("\u{8}\t\n\u{c}\r", #""\b\t\n\f\r""#),
        ("\0\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""), ("a\nb\"c", #""a\nb\"c""#), ("{,", #""{,""#),
    ])
    func stringsAreEscapedWhereTheyMustBe(value: String, expected: String) {
        #expect(write { $0.string(value) } == expected)
    }

    @Test func anObjectThatIsTextAlreadyIsWrittenAsItIs() {
        let text = write { json in
            json.object { json in
                json.member("a", object: Array(#"{"type": "x", "b": [1, {}]}"#.utf8))
                for none in ["", "{", "[1]", "null", "{} {}", #"{"a":1,}"#] {
                    json.member("b", object: Array(none.utf8))
                }
                json.member("c", object: Array(" {} ".utf8))
            }
        }
        #expect(text == #"{"a":{"type": "x", "b": [1, {}]},"c": {} }"#)
    }

    @Test(
        arguments: [
            (0, "0"), (-1, "-1"), (1_698_765_432_000, "1698765432000"), (.max, "9223372036854775807"),
            (.min, "-9223372036854775808"),
        ] as [(Int64, String)]
    )
    func integers(value: Int64, expected: String) {
        #expect(write { $0.integer(value) } == expected)
    }

    @Test func theParserReadsWhatTheWriterWrites() throws {
        let everything = String(String.UnicodeScalarView((0...0x2FFF).compactMap(Unicode.Scalar.init)))
        let text = write { json in json.object { $0.member("a", everything) } }
        #expect(try JSONObject(parsing: Array(text.utf8))["a"] == .string(everything))
    }

    @Test func aResetBeginsANewText() {
        var json = JSONWriter()
        json.string("first")
        json.reset()
        json.string("second")
        #expect(String(decoding: json.bytes, as: UTF8.self) == #""second""#)
    }

    private func write(_ body: (inout JSONWriter) -> Void) -> String {
        var json = JSONWriter()
        body(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }
}
