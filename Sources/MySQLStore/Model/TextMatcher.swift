// Where a text contains another one.

/// Finds the places of a text in others, by classes of characters: the text's characters have the classes from 0 on, and
/// characters that are like none of them have the class -1.
struct TextMatcher {
    private let text: [Int32]
    /// For each beginning of `text`, the length of the longest one that it ends with, and that is shorter
    /// (Knuth, Morris and Pratt 1977): no text is searched longer than in proportion to its length.
    private let borders: [Int]

    /// The most places that are told of one text.
    static let limit = 100

    /// - Parameter text: the classes of its characters, at least one.
    init(_ text: [Int32]) {
        self.text = text
        var borders = [0]
        var length = 0
        for index in text.indices.dropFirst() {
            while length > 0, text[index] != text[length] { length = borders[length - 1] }
            if text[index] == text[length] { length += 1 }
            borders.append(length)
        }
        self.borders = borders
    }

    /// The places from left to right, the first `limit` of those that do not overlap, in UTF-16 code units.
    func ranges(in other: String.UnicodeScalarView, classOf: (UInt32) -> Int32) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var matched = 0
        /// Where the last characters begin, as many as `text` has.
        var begins = [Int](repeating: 0, count: text.count)
        var end = 0
        for (index, scalar) in other.enumerated() {
            begins[index % text.count] = end
            end += scalar.value > 0xFFFF ? 2 : 1
            let found = classOf(scalar.value)
            while matched > 0, found != text[matched] { matched = borders[matched - 1] }
            if found == text[matched] { matched += 1 }
            guard matched == text.count else { continue }
            ranges.append(begins[(index + 1) % text.count]..<end)
            guard ranges.count < Self.limit else { break }
            matched = 0
        }
        return ranges
    }
}
