// The declaration of one setting: its name, type, bounds, default and reason, and how its text is read.

import Glibc
import Runtime

/// A setting, which is a variable of the environment. `Value` is what its text stands for.
struct Setting<Value>: Sendable {
    let name: String
    /// The kind of value, as a noun with its article, such as "an integer".
    let type: String
    var bounds: SettingBounds?
    let defaultValue: SettingDefault
    /// What the setting decides, and why an operator would change it.
    let reason: String
    /// An addition to the message about a bad value, such as an example of a good one.
    var hint = ""
    /// Returns the value that a text stands for, or nil where the text is not of the type or is out of bounds.
    let parse: @Sendable (String) -> Value?
}

/// The least and the greatest value, or the greatest length, that a setting may have.
enum SettingBounds: Hashable, Sendable {
    case range(lowest: String, highest: String)
    case length(_ maximum: Int, unit: String)
    case count(_ maximum: Int)
}

/// What holds where a variable is not set.
enum SettingDefault: Hashable, Sendable {
    /// A value, as a text that the setting's `parse` accepts.
    case value(String)
    /// The service does not start.
    case required
    /// The setting has no value. The text says what that means.
    case absent(String)
}

extension Setting {
    /// The value of a text, or the default's; nil where neither is a value. A variable that is set to an empty text
    /// counts as not set.
    func value(of text: String?) throws(SettingsError) -> Value? {
        guard let text = if let text, !text.isEmpty { text } else { try defaultText() } else { return nil }
        // Bytes that are not UTF-8 become U+FFFD: a password or a path would silently be another one.
        guard !text.unicodeScalars.contains("\u{FFFD}") else { throw SettingsError("\(name) must be UTF-8") }
        guard let value = parse(text) else { throw SettingsError("\(name) must be \(typeWithBounds)\(hint)") }
        return value
    }

    private func defaultText() throws(SettingsError) -> String? {
        switch defaultValue {
        case .value(let text): return text
        case .absent: return nil
        case .required: throw SettingsError("\(name) must be set")
        }
    }
}
