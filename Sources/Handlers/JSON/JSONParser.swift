// The parser of JSON (RFC 8259).

/// A recursive-descent parser over a text in memory.
struct JSONParser {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Parses the whole text, and returns the members of its object.
    mutating func parseDocument() throws(JSONError) -> [(key: String, value: JSONValue)] {
        skipWhitespace()
        guard peek() == UInt8(ascii: "{") else {
            _ = try parseValue(depth: 0)
            try expectEnd()
            throw .notAnObject
        }
        var members: [(key: String, value: JSONValue)] = []
        members.reserveCapacity(6)
        try parseObject(depth: 1) { key, value in members.append((key, value)) }
        try expectEnd()
        return members
    }

    // MARK: Values

    private mutating func parseValue(depth: Int) throws(JSONError) -> JSONValue {
        guard let byte = peek() else { throw syntaxError }
        switch byte {
        case UInt8(ascii: "\""):
            return .string(try parseString())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return .number(try parseNumber())
        case UInt8(ascii: "{"):
            try parseObject(depth: depth + 1) { _, _ in }
            return .object
        case UInt8(ascii: "["):
            try parseArray(depth: depth + 1)
            return .array
        case UInt8(ascii: "t"):
            try expect("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        default:
            throw syntaxError
        }
    }

    private mutating func parseObject(
        depth: Int,
        member: (String, JSONValue) -> Void
    ) throws(JSONError) {
        guard depth <= JSONObject.maximumDepth else { throw .tooDeep }
        index += 1
        skipWhitespace()
        if take(UInt8(ascii: "}")) { return }
        repeat {
            skipWhitespace()
            guard peek() == UInt8(ascii: "\"") else { throw syntaxError }
            let key = try parseString()
            skipWhitespace()
            guard take(UInt8(ascii: ":")) else { throw syntaxError }
            skipWhitespace()
            member(key, try parseValue(depth: depth))
            skipWhitespace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw syntaxError }
    }

    private mutating func parseArray(depth: Int) throws(JSONError) {
        guard depth <= JSONObject.maximumDepth else { throw .tooDeep }
        index += 1
        skipWhitespace()
        if take(UInt8(ascii: "]")) { return }
        repeat {
            skipWhitespace()
            _ = try parseValue(depth: depth)
            skipWhitespace()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw syntaxError }
    }

    private mutating func parseNumber() throws(JSONError) -> JSONNumber {
        let start = index
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try takeDigits() }
        if take(UInt8(ascii: ".")) { try takeDigits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try takeDigits()
        }
        return JSONNumber(text: String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func takeDigits() throws(JSONError) {
        let start = index
        while let byte = peek(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { index += 1 }
        guard index > start else { throw syntaxError }
    }

    // MARK: Strings

    private mutating func parseString() throws(JSONError) -> String {
        index += 1
        let start = index
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                // Most strings have no escapes, and are taken whole.
                let string = try Self.string(bytes.span.extracting(start..<index))
                index += 1
                return string
            case UInt8(ascii: "\\"):
                return try parseEscapedString(from: start)
            case ..<0x20:
                throw syntaxError
            default:
                index += 1
            }
        }
        throw syntaxError
    }

    private static func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            throw .notUnicode
        }
    }

    private mutating func parseEscapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<index])
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                return try Self.string(text.span)
            case UInt8(ascii: "\\"):
                text.append(contentsOf: String(try parseEscape()).utf8)
            case ..<0x20:
                index -= 1
                throw syntaxError
            default:
                text.append(byte)
            }
        }
        throw syntaxError
    }

    /// Parses what stands behind a backslash.
    private mutating func parseEscape() throws(JSONError) -> Unicode.Scalar {
        guard let byte = peek() else { throw syntaxError }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let unit = try parseHexUnit()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            // A surrogate: the first of a pair (RFC 8259, section 7), or half of none.
            guard UTF16.isLeadSurrogate(unit), take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                throw .notUnicode
            }
            let second = try parseHexUnit()
            guard UTF16.isTrailSurrogate(second) else { throw .notUnicode }
            return UTF16.decode(UTF16.EncodedScalar([unit, second]))
        default:
            index -= 1
            throw syntaxError
        }
    }

    private mutating func parseHexUnit() throws(JSONError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek() else { throw syntaxError }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt16(byte - UInt8(ascii: "A") + 10)
            default: throw syntaxError
            }
            index += 1
        }
        return unit
    }

    // MARK: Bytes

    private var syntaxError: JSONError { .syntax(offset: index) }

    private func peek() -> UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte else { return false }
        index += 1
        return true
    }

    private mutating func expect(_ word: String) throws(JSONError) {
        for byte in word.utf8 {
            guard take(byte) else { throw syntaxError }
        }
    }

    private mutating func expectEnd() throws(JSONError) {
        skipWhitespace()
        guard index == bytes.count else { throw syntaxError }
    }

    private mutating func skipWhitespace() {
        while let byte = peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
    }
}
