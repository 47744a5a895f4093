// One setting: its name, its values, and how its text is read.

import Glibc
import Runtime

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
