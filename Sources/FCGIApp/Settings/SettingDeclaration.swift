// What --help says of a setting, whatever its type.

/// A setting of whatever type.
protocol SettingDeclaration: Sendable {
    var name: String { get }
    var defaultText: String? { get }
    var range: (lowest: String, highest: String)? { get }
    var explanation: String { get }
}

extension Setting: SettingDeclaration {}

extension SettingDeclaration {
    /// What --help prints.
    var help: String {
        let facts = [defaultText.map { "default: \($0)" }, range.map { "\($0.lowest) to \($0.highest)" }]
        let text = facts.compactMap(\.self).joined(separator: "; ")
        return "  \(name)\(text.isEmpty ? "" : " (\(text))")\n" + explanation.wrapped(indent: 6)
    }
}

extension String {
    /// The words in lines of at most 79 characters: --help would break longer ones without their indent.
    fileprivate func wrapped(indent: Int) -> String {
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
