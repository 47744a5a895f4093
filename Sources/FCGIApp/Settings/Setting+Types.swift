// The types that several settings have: text, integer, time, and one of several words.

import Glibc
import Runtime

extension Setting where Value == String {
    /// A text.
    /// - Parameter maximumLength: in characters (Unicode code points), as the database counts them; nil: any.
    static func text(
        _ name: String,
        default defaultValue: SettingDefault,
        maximumLength: Int? = nil,
        _ reason: String
    ) -> Setting {
        Setting(
            name: name,
            type: "a text",
            bounds: maximumLength.map { .length($0, unit: "characters") },
            defaultValue: defaultValue,
            reason: reason
        ) { text in
            text.unicodeScalars.count <= maximumLength ?? .max ? text : nil
        }
    }

    /// The path of a file, which must be there and readable.
    static func file(_ name: String, default defaultValue: SettingDefault, _ reason: String) -> Setting {
        Setting(
            name: name,
            type: "the path of a file that the service may read",
            defaultValue: defaultValue,
            reason: reason
        ) { path in
            var status = stat()
            guard access(path, R_OK) == 0, stat(path, &status) == 0 else { return nil }
            return status.st_mode & S_IFMT == S_IFDIR ? nil : path
        }
    }
}

extension Setting where Value == Int {
    static func integer(
        _ name: String,
        default defaultValue: Int,
        in range: ClosedRange<Int>,
        _ reason: String
    ) -> Setting {
        integer(name, default: .value("\(defaultValue)"), in: range, reason)
    }

    static func integer(
        _ name: String,
        default defaultValue: SettingDefault,
        in range: ClosedRange<Int>,
        _ reason: String
    ) -> Setting {
        Setting(
            name: name,
            type: "an integer",
            bounds: .range(lowest: "\(range.lowerBound)", highest: "\(range.upperBound)"),
            defaultValue: defaultValue,
            reason: reason
        ) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Permissions of a file, in octal digits.
    static func permissions(
        _ name: String,
        default defaultValue: Int,
        in range: ClosedRange<Int>,
        _ reason: String
    ) -> Setting {
        let octal = { (mode: Int) in "0" + String(mode, radix: 8) }
        return Setting(
            name: name,
            type: "an octal number",
            bounds: .range(lowest: octal(range.lowerBound), highest: octal(range.upperBound)),
            defaultValue: .value(octal(defaultValue)),
            reason: reason
        ) { text in
            Int(text, radix: 8).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Setting where Value == Interval {
    static func time(
        _ name: String,
        default defaultValue: Interval,
        in range: ClosedRange<Interval>,
        _ reason: String
    ) -> Setting {
        Setting(
            name: name,
            type: "a time",
            bounds: .range(lowest: range.lowerBound.text, highest: range.upperBound.text),
            defaultValue: .value(defaultValue.text),
            reason: reason,
            hint: ", such as 500ms, 2s, 1m or 3h"
        ) { text in
            Interval(text: text).flatMap { range.contains($0) ? $0 : nil }
        }
    }
}

extension Setting where Value: RawRepresentable & Sendable, Value.RawValue == String {
    /// One of several words, which are the raw values.
    static func word(
        _ name: String,
        default defaultValue: Value,
        oneOf values: [Value],
        _ reason: String
    ) -> Setting {
        let words = values.map(\.rawValue)
        return Setting(
            name: name,
            type: words.dropLast().joined(separator: ", ") + " or " + (words.last ?? ""),
            defaultValue: .value(defaultValue.rawValue),
            reason: reason
        ) { text in
            words.contains(text) ? Value(rawValue: text) : nil
        }
    }
}
