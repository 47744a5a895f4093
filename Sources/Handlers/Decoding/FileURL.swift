// What may stand as the URL of a shared file.

enum FileURL {
    /// Whether `text` is safe to be made a link or a source by whoever reads it: a scheme, where
    /// there is one (RFC 3986, section 3.1), is http or https, with a host behind it. White space and
    /// control characters are refused: browsers drop some of them, and `java\nscript:` is a scheme.
    static func isAcceptable(_ text: String) -> Bool {
        guard text.unicodeScalars.allSatisfy(\.isVisible) else { return false }
        guard let scheme = scheme(of: text) else { return true }
        guard ["http", "https"].contains(scheme.lowercased()) else { return false }
        let rest = text.dropFirst(scheme.count + 1)
        return rest.hasPrefix("//") && rest.dropFirst(2).first.map { !"/?#".contains($0) } ?? false
    }

    private static func scheme(of text: String) -> Substring? {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let scheme = text[..<colon]
        // A colon behind one of these belongs to a path, a query or a fragment.
        return scheme.contains { "/?#".contains($0) } ? nil : scheme
    }
}
