// Durations as settings have them: an integer with its unit.

import Runtime

extension Interval {
    private static let units: [(name: String, length: Interval)] = [
        ("ms", .milliseconds(1)), ("s", .seconds(1)), ("m", .seconds(60)), ("h", .seconds(3_600)),
    ]

    /// Reads an integer with its unit, such as 500ms, 2s, 1m or 3h; nil for any other text, and for a duration that is longer
    /// than an interval can be.
    init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let unit = text.dropFirst(digits.count)
        guard let count = Int64(digits), let length = Self.units.first(where: { $0.name == unit })?.length,
            count <= .max / length.nanoseconds
        else { return nil }
        self = length * count
    }

    /// The duration as a setting has it, in the largest unit of which it is a whole number.
    var text: String {
        if self == .zero { return "0s" }
        let (name, length) = Self.units.last { milliseconds % $0.length.milliseconds == 0 } ?? Self.units[0]
        return "\(milliseconds / length.milliseconds)\(name)"
    }
}
