// What may stand as the URL of a shared file.

enum FileURL {
    /// Whether `text` is safe to be made a link or a source by whoever reads it: a scheme, where
    /// there is one (RFC 3986, section 3.1), is http or https, with a host behind it. White space,
    /// control and format characters are refused: browsers drop some of them, and `java\nscript:` is a scheme.
    /// Variation selectors are a part of names (RFC 3987, section 2.2): `/❤️.png` is good.
    static func isAcceptable(_ text: String) -> Bool {
        guard !text.unicodeScalars.contains(where: \.isWhiteSpaceOrControl) else { return false }
        // A colon behind one of the delimiters belongs to a path, a query or a fragment.
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
            !text.utf8[..<colon].contains(where: isDelimiter)
        else { return true }
        guard ["http", "https"].contains(Substring(text.utf8[..<colon]).lowercased()) else { return false }
        let rest = text.utf8[colon...].dropFirst()
        guard rest.starts(with: "//".utf8), let host = rest.dropFirst(2).first else { return false }
        return !isDelimiter(host)
    }

    /// The backslash among them: browsers take it for a slash.
    private static func isDelimiter(_ byte: UInt8) -> Bool {
        "/\\?#".utf8.contains(byte)
    }
}
