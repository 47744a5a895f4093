// What the parser of JSON takes, Foundation's takes with the same values, and the writer writes back.

import Foundation

@testable import Handlers

/// The input: a text.
enum JSONObjectTarget {
    static let target = FuzzTarget(name: "json-object", feed: feed)

    private static func feed(_ bytes: UnsafeRawBufferPointer) {
        let text = Array(bytes)
        do {
            let object = try JSONObject(parsing: text)
            compareWithFoundation(object, text)
            checkRoundTrip(object)
            for member in object.members {
                if case .number(let number) = member.value { check(number) }
            }
        } catch {
            checkThatFoundationRefuses(text, error)
        }
    }

    // MARK: Foundation's opinion

    private static func compareWithFoundation(_ object: JSONObject, _ text: [UInt8]) {
        guard let other = try? JSONSerialization.jsonObject(with: Data(text)) as? [String: Any] else {
            expect(mayHoldHugeNumber(text), "Foundation refuses it")
            return
        }
        for (key, value) in object.members where object.members.filter({ $0.key == key }).count == 1 {
            guard let value2 = other[key] else { fatalError("Foundation has no \(key)") }
            expect(isSame(value, value2), "\(key) is \(value), and Foundation's \(value2)")
        }
    }

    /// Foundation refuses numbers that no double holds, wherever they stand: with an exponent, or many digits.
    private static func mayHoldHugeNumber(_ text: [UInt8]) -> Bool {
        let text = String(decoding: text, as: UTF8.self)
        return text.contains(/[0-9][eE]\+?[0-9]{2}/) || text.contains(/[0-9]{300}/)
    }

    private static func isSame(_ value: JSONValue, _ other: Any) -> Bool {
        switch value {
        case .null: other is NSNull
        case .boolean(let boolean): other as? Bool == boolean
        case .string(let string): (other as? String).map { $0.utf8.elementsEqual(string.utf8) } ?? false
        case .number(let number): (other as? NSNumber).map { isSame(number, $0) } ?? false
        case .array: other is [Any]
        case .object: other is [String: Any]
        }
    }

    private static func isSame(_ number: JSONNumber, _ other: NSNumber) -> Bool {
        // Foundation's number of 2e1 is a double, and that of a long one a decimal, whose double is not the nearest.
        if let integer = number.integer, other.int64Value == integer { return true }
        guard let double = number.double else { return false }
        return abs(double - other.doubleValue) <= abs(double) * 1e-14
    }

    /// What Foundation is more generous with, or knows nothing of, is the only reason to refuse what it takes.
    private static func checkThatFoundationRefuses(_ text: [UInt8], _ error: JSONError) {
        guard error != .tooDeep, error != .notUnicode, error != .notAnObject else { return }
        guard (try? JSONSerialization.jsonObject(with: Data(text))) != nil else { return }
        // Trailing commas, a byte order mark, and the encodings of two and four bytes that it guesses.
        let isGenerous =
            text.contains(UInt8(ascii: ",")) || text.contains(0) || text.starts(with: [0xEF, 0xBB, 0xBF])
            || text.starts(with: [0xFE, 0xFF]) || text.starts(with: [0xFF, 0xFE])
        expect(isGenerous, "it is refused with \(error), and Foundation takes it")
    }

    // MARK: Back and forth

    private static func checkRoundTrip(_ object: JSONObject) {
        var writer = JSONWriter()
        writer.object { writer in
            for (_, value) in object.members {
                switch value {
                case .null: writer.member("x", nil as String?)
                case .boolean(let boolean): writer.member("x", boolean)
                case .string(let string): writer.member("x", string)
                case .number(let number): writer.member("x", number.integer)
                case .array, .object: break
                }
            }
            for (key, _) in object.members { writer.member("k", key) }
        }
        guard let again = try? JSONObject(parsing: writer.bytes) else { fatalError("what was written is no JSON") }
        let written = object.members.map(\.value).filter { $0 != .array && $0 != .object }
        for (value, read) in zip(written, again.members.map(\.value)) {
            if case .number(let number) = value {
                let integer = number.integer.map { JSONValue.number(JSONNumber(text: String($0))) }
                expect(read == integer ?? .null, "\(value) became \(read)")
            } else {
                expect(isSameText(read, value), "\(value) became \(read)")
            }
        }
        for (key, read) in zip(object.members.map(\.key), again.members.dropFirst(written.count).map(\.value)) {
            expect(isSameText(read, .string(key)), "the key \(key) became \(read)")
        }
        expect(again.members.count == written.count + object.members.count, "members were lost or added")
    }

    /// Strings that are only canonically equal are not the same.
    private static func isSameText(_ one: JSONValue, _ other: JSONValue) -> Bool {
        guard case .string(let text) = one, case .string(let otherText) = other else { return one == other }
        return text.utf8.elementsEqual(otherText.utf8)
    }

    // MARK: Numbers

    private static func check(_ number: JSONNumber) {
        guard let integer = number.integer, let double = number.double else { return }
        expect(Double(integer) == double, "\(number.text) is \(integer) as an integer, and \(double)")
    }
}
