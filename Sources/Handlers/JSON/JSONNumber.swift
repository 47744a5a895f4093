/// A number of a JSON text, as it was written: no digit is lost to a floating-point type.
struct JSONNumber: Hashable {
    /// A text that follows the grammar of RFC 8259, section 6.
    var text: String

    /// The number as an integer; nil where it is not whole, or does not fit. 20, 20.0 and 2e1 are the same.
    var integer: Int64? {
        if let plain = Int64(text) { return plain }
        let parts = Array(text.utf8).split(maxSplits: 1) { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        let mantissa = parts[0].split(separator: UInt8(ascii: "."))
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        var digits = mantissa.joined().filter { $0 != UInt8(ascii: "-") }
        var exponent = mantissa.count == 2 ? -mantissa[1].count : 0
        // Trailing zeros are powers of ten. A number of zeros alone is zero, whatever its exponent.
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { return 0 }
        if parts.count == 2 {
            // An exponent beyond these bounds makes a number that is far too large, or not whole.
            guard let written = Int(String(decoding: parts[1], as: UTF8.self)),
                (-1_000_000...1_000_000).contains(written)
            else { return nil }
            exponent += written
        }
        guard (0...18).contains(exponent) else { return nil }
        var value: Int64 = 0
        for digit in digits + Array(repeating: UInt8(ascii: "0"), count: exponent) {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (next, overflowToo) = shifted.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            if overflow || overflowToo { return nil }
            value = next
        }
        // The value is built negative, since Int64.min has no positive counterpart.
        return isNegative ? value : value == .min ? nil : -value
    }

    /// The nearest double; nil where the number is beyond the range of doubles.
    var double: Double? {
        guard let value = Double(text), value.isFinite else { return nil }
        return value
    }
}
