// Which characters of a text there is something to see of.

extension Unicode.Scalar {
    /// Neither white space nor a control or format character, such as NUL or a zero-width space.
    var isVisible: Bool {
        isCommon || !properties.isWhitespace && !isControlOrFormat
    }

    /// ASCII, Han, Hangul: no table is needed to know them.
    private var isCommon: Bool {
        (0x21...0x7E).contains(value) || (0x3400...0x9FFF).contains(value) || (0xAC00...0xD7A3).contains(value)
    }

    private var isControlOrFormat: Bool {
        properties.generalCategory == .control || properties.generalCategory == .format
    }
}
