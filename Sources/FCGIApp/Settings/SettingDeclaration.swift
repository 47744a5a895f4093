// What help and documents say of a setting, whatever its type.

/// A setting whose type of value does not matter.
protocol SettingDeclaration: Sendable {
    var name: String { get }
    var type: String { get }
    var bounds: SettingBounds? { get }
    var defaultValue: SettingDefault { get }
    var reason: String { get }
}

extension Setting: SettingDeclaration {}

extension SettingDeclaration {
    /// The type and the bounds, such as "an integer from 1 to 256".
    var typeWithBounds: String {
        switch bounds {
        case .range(let lowest, let highest): "\(type) from \(lowest) to \(highest)"
        case .length(let maximum, let unit): "\(type) of at most \(maximum) \(unit)"
        case .count(let maximum): "\(type), at most \(maximum) of them"
        case nil: type
        }
    }

    /// The lines about the setting in --help.
    var help: String {
        let defaultText =
            switch defaultValue {
            case .value(let text), .absent(let text): "default: \(text)"
            case .required: "required"
            }
        return "  \(name)\n" + "\(typeWithBounds); \(defaultText)".wrapped(indent: 6) + "\n" + reason.wrapped(indent: 6)
    }
}

extension String {
    /// The words in lines of at most 78 characters: ArgumentParser would break longer ones without their indent.
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
