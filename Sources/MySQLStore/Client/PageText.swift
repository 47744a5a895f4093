// A text of a row, in the buffer that all texts of a page of rows share.

/// A range of the page's texts, which are UTF-8. `MessagePage` says why they are no strings.
public struct PageText {
    @usableFromInline let range: Range<Int>

    init(_ range: Range<Int>) {
        self.range = range
    }

    /// Whether the text has no characters.
    public var isEmpty: Bool { range.isEmpty }
}
