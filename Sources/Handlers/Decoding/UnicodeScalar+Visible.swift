// The distinction between visible characters and those that leave a message blank.

extension Unicode.Scalar {
    /// Whether the character is visible where it stands alone. White space, control and format characters are not, nor
    /// are those that a display ignores where its font has nothing for them, such as a Hangul filler or a variation
    /// selector (Default_Ignorable_Code_Point of Unicode, DerivedCoreProperties.txt).
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

    /// The Braille pattern without dots. For Unicode it is a symbol, but it is as blank as a space.
    private static let brailleBlank: Unicode.Scalar = "\u{2800}"

    /// Whether the character is in the visible ranges of ASCII, Han or Hangul, for which no table has to be asked.
    private var isCommon: Bool {
        (0x21...0x7E).contains(value) || (0x3400...0x9FFF).contains(value) || (0xAC00...0xD7A3).contains(value)
    }
}
