// How texts are compared with one that is searched for.

enum TextPattern {
    /// The collation by which texts are compared. It is spelt out, since the tables may have any. Case, accents, and full
    /// and half width are alike, and each emoji is itself (by utf8mb4_unicode_ci all characters beyond U+FFFF are alike).
    static let collation = "utf8mb4_unicode_520_ci"

    private static let escape = "|"

    /// Behind a text in utf8mb4: whether it is like a pattern, which is the parameter.
    static let matches = "COLLATE \(collation) LIKE ? ESCAPE '\(escape)'"

    /// The pattern of texts that contain `text`, in which every character stands for itself; nil: of all texts.
    static func containing(_ text: String?) -> String {
        guard let text else { return "%" }
        var pattern = "%"
        for scalar in text.unicodeScalars {
            if ["%", "_", "|"].contains(scalar) { pattern += escape }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern + "%"
    }
}
