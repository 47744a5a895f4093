// The check of a shared file's URL.

enum FileURL {
    /// Whether a page can safely make `text` a link, or the source of an image. Where it has a scheme (RFC 3986,
    /// section 3.1), that is http or https, with a host behind it. White space, control and format characters are
    /// refused, since browsers drop some of them: to them `java\nscript:` is a scheme. Variation selectors are a part
    /// of names (RFC 3987, section 2.2), so `/❤️.png` is accepted.
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

    /// Whether a byte ends the scheme or host. A backslash does, since browsers take it for a slash.
    private static func isDelimiter(_ byte: UInt8) -> Bool {
        "/\\?#".utf8.contains(byte)
    }
}
