// Durations as people write them.

import Runtime

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
    var text: String {
        if self == .zero { return "0s" }
        let (name, length) = Self.units.last { milliseconds % $0.length.milliseconds == 0 } ?? Self.units[0]
        return "\(milliseconds / length.milliseconds)\(name)"
    }
}
