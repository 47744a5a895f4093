// Numbers are integers by their value, not by their spelling.

import Testing

@testable import Handlers

@Suite struct JSONNumberTests {
    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("0.0", 0), ("0e999999999999", 0), ("20", 20), ("20.0", 20), ("2e1", 20), ("2E+1", 20),
            ("200e-1", 20), ("0.2e2", 20), ("-1.50e1", -15), ("1e3", 1_000), ("9223372036854775807", .max),
            ("9223372036854775807.000", .max), ("-9223372036854775808", .min), ("-9223372036854775808.0", .min),
            ("9.223372036854775807e18", .max), ("9007199254740993.0", 9_007_199_254_740_993),
        ] as [(String, Int64)]
    )
    func wholeNumbersThatFit(text: String, expected: Int64) {
        #expect(JSONNumber(text: text).integer == expected)
    }

    @Test(arguments: [
        "1.5", "-0.1", "1e-1", "15e-1", "9223372036854775808", "-9223372036854775809", "9223372036854775808.0", "1e19",
        "1e400", "1e9223372036854775808", "1e-9223372036854775808", "-1e-9223372036854775808",
        "99999999999999999999999999",
    ])
    func everythingElseIsNone(text: String) {
        #expect(JSONNumber(text: text).integer == nil)
    }

    @Test func doublesAreFinite() {
        #expect(JSONNumber(text: "1.5").double == 1.5)
        #expect(JSONNumber(text: "-2e-3").double == -0.002)
        #expect(JSONNumber(text: "1e999").double == nil)
    }
}
