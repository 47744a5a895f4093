// One setting: what --help says of it, and how its text is read.

import Glibc
import MySQLStore

/// A variable of the environment.
struct Setting<Value>: Sendable {
    let name: String
    /// What holds where the variable is not set, as a text that `parse` accepts; nil: it must be
    /// set, or its absence means something, as `explanation` says.
    let defaultText: String?
    /// The least and the greatest value, where values have an order.
    var range: (lowest: String, highest: String)?
    /// What it is, and why one would change it.
    let explanation: String
    /// What a good value is, for the message about a bad one.
    let expectation: String
    let parse: @Sendable (String) -> Value?

    /// The value of a text, or the default's. A variable that is set to nothing is not set.
    func value(of text: String?) throws(SettingsError) -> Value? {
        guard let text = text.flatMap({ $0.isEmpty ? nil : $0 }) ?? defaultText else { return nil }
        // This is what bytes that are no UTF-8 become: a password or a path would silently be another one.
        guard !text.unicodeScalars.contains("\u{FFFD}") else { throw SettingsError("\(name) must be UTF-8") }
        guard let value = parse(text) else { throw SettingsError("\(name) must be \(expectation)") }
        return value
    }
}

/// A setting of whatever type.
protocol SettingDeclaration: Sendable {
    var name: String { get }
    var defaultText: String? { get }
    var range: (lowest: String, highest: String)? { get }
    var explanation: String { get }

    /// Throws where the text is no value of it.
    func check(_ text: String) throws(SettingsError)
}

extension Setting: SettingDeclaration {
    func check(_ text: String) throws(SettingsError) {
        _ = try value(of: text)
    }
}

extension SettingDeclaration {
    /// What --help prints.
    var help: String {
        let facts = [defaultText.map { "default: \($0)" }, range.map { "\($0.lowest) to \($0.highest)" }]
        let text = facts.compactMap(\.self).joined(separator: "; ")
        return "  \(name)\(text.isEmpty ? "" : " (\(text))")\n" + explanation.wrapped(indent: 6)
    }
}

/// Why the service does not start: a variable is missing or has a bad value.
struct SettingsError: Error, Hashable, CustomStringConvertible {
    /// Names the variable; never holds its value, which may be a secret.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension Setting where Value == String {
    /// - Parameter maximumLength: in characters (Unicode code points), as the database counts them; nil: any.
    init(
        _ name: String,
        default defaultText: String? = nil,
        maximumLength: Int? = nil,
        _ explanation: String
    ) {
        self.init(
            name: name,
            defaultText: defaultText,
            explanation: explanation,
            expectation: maximumLength.map { "a text of at most \($0) characters" } ?? "a text"
        ) { text in
            text.unicodeScalars.count <= maximumLength ?? .max ? text : nil
        }
    }
}

extension Setting where Value == String {
    /// The path of a file, which must be there and readable.
    static func file(_ name: String, _ explanation: String) -> Setting {
        Setting(
            name: name,
            defaultText: nil,
            explanation: explanation,
            expectation: "the path of a file that the service may read"
        ) { path in
            var status = stat()
            guard access(path, R_OK) == 0, stat(path, &status) == 0 else { return nil }
            return status.st_mode & S_IFMT == S_IFDIR ? nil : path
        }
    }
}

extension Setting where Value == Int {
    init(_ name: String, default defaultText: String, in range: ClosedRange<Int>, _ explanation: String) {
        self.init(
            name: name,
            defaultText: defaultText,
            range: ("\(range.lowerBound)", "\(range.upperBound)"),
            explanation: explanation,
            expectation: "an integer from \(range.lowerBound) to \(range.upperBound)"
        ) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Setting where Value == Interval {
    /// - Parameter range: of the values that make sense.
    init(_ name: String, default defaultText: String, in range: ClosedRange<Interval>, _ explanation: String) {
        self.init(
            name: name,
            defaultText: defaultText,
            range: (range.lowerBound.text, range.upperBound.text),
            explanation: explanation,
            expectation: "a time from \(range.lowerBound.text) to \(range.upperBound.text), such as 500ms, 2s or 1m"
        ) { text in
            Interval(text: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Interval {
    private static let units: [(name: String, length: Interval)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)),
    ]

    /// The duration that an integer with its unit spells: 500ms, 2s, 1m; nil where it is no such text, or longer
    /// than an interval can be.
    init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let count = Int64(digits), let length = Self.units.first(where: { $0.name == unit })?.length,
            count <= .max / length.nanoseconds
        else { return nil }
        self = length * count
    }

    /// The text that spells it, in the largest unit that does.
    fileprivate var text: String {
        let (name, length) = Self.units.last { milliseconds % $0.length.milliseconds == 0 } ?? Self.units[0]
        return "\(milliseconds / length.milliseconds)\(name)"
    }
}

extension String {
    /// The words in lines of at most 79 characters: --help would break longer ones without their indent.
    func wrapped(indent: Int) -> String {
        let margin = String(repeating: " ", count: indent)
        var lines = [margin]
        for word in split(whereSeparator: \.isWhitespace) {
            if lines[lines.count - 1].count + word.count > 78 { lines.append(margin) }
            if lines[lines.count - 1].count > indent { lines[lines.count - 1] += " " }
            lines[lines.count - 1] += word
        }
        return lines.joined(separator: "\n")
    }
}
