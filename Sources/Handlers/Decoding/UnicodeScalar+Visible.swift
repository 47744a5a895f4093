// Which characters of a text there is something to see of.

extension Unicode.Scalar {
    /// Whether there is something to see of it where it stands alone: it is neither white space nor a control or
    /// format character, nor one that is to be ignored where a font has nothing for it, such as a Hangul filler or a
    /// variation selector (Default_Ignorable_Code_Point of Unicode, DerivedCoreProperties.txt).
    var isVisible: Bool {
        isCommon
            || !isWhiteSpaceOrControl && !properties.isDefaultIgnorableCodePoint && self != Self.brailleBlank
    }

    /// Whether it is white space, or a control or format character, such as NUL or a zero-width space.
    var isWhiteSpaceOrControl: Bool {
        guard !isCommon else { return false }
        let category = properties.generalCategory
        return properties.isWhitespace || category == .control || category == .format
    }

    /// The pattern without a dot: a symbol to Unicode, and as blank as a space.
    private static let brailleBlank: Unicode.Scalar = "\u{2800}"

    /// ASCII, Han, Hangul: no table is needed to know them.
    private var isCommon: Bool {
        (0x21...0x7E).contains(value) || (0x3400...0x9FFF).contains(value) || (0xAC00...0xD7A3).contains(value)
    }
}
