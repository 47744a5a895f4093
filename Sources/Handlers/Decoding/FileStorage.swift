// Where the files lie that messages may name.

/// The beginnings of the URLs that send_message takes for files.
package struct FileStorage: Sendable {
    /// Each is http or https, a host, and a path that ends with a slash, the scheme and host in lower case. None: any
    /// URL is taken.
    private let prefixes: [String]

    /// The most prefixes that there may be. Each file's URL is compared with all of them.
    package static let maximumCount = 16

    /// Takes any URL.
    package static let any = FileStorage(prefixes: [])

    private init(prefixes: [String]) {
        self.prefixes = prefixes
    }

    /// Reads URL prefixes with commas between; nil where one is none. Each has a slash at its end, so that
    /// `https://files.example.com` does not let in `https://files.example.com.evil.example`.
    package init?(_ text: String) {
        var prefixes: [String] = []
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
            guard let prefix = Self.normalized(Self.trimmed(part)), prefix.utf8.last == UInt8(ascii: "/") else {
                return nil
            }
            prefixes.append(prefix)
        }
        guard prefixes.count <= Self.maximumCount else { return nil }
        self.prefixes = prefixes
    }

    /// Whether a file may lie at a URL that `FileURL` accepts.
    func holds(_ url: String) -> Bool {
        guard !prefixes.isEmpty else { return true }
        guard let url = Self.normalized(url) else { return false }
        return prefixes.contains { url.utf8.starts(with: $0.utf8) }
    }

    /// What a URL must be, as the end of a message about one that is not.
    var expectation: String { "a URL that begins with \(prefixes.joined(separator: " or "))" }

    /// The URL with its scheme and host in lower case. Nil where it has none of its own, and where its path could lead
    /// out of the place that its beginning names: browsers take a backslash for a slash, and `%2e` for a dot.
    private static func normalized(_ url: String) -> String? {
        guard FileURL.isAcceptable(url), !url.utf8.contains(UInt8(ascii: "\\")) else { return nil }
        guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let behindScheme = url.utf8[colon...].dropFirst()
        guard behindScheme.starts(with: "//".utf8),
            let slash = behindScheme.dropFirst(2).firstIndex(where: { "/?#".utf8.contains($0) }),
            url.utf8[slash] == UInt8(ascii: "/")
        else { return nil }
        let path = url.utf8[slash...].prefix { !"?#".utf8.contains($0) }
        let leadsElsewhere = path.split(separator: UInt8(ascii: "/")).contains { segment in
            let dots = String(Substring(segment)).lowercased().replacing("%2e", with: ".")
            return dots == "." || dots == ".."
        }
        return leadsElsewhere ? nil : url[..<slash].lowercased() + url[slash...]
    }

    private static func trimmed(_ text: Substring.UTF8View) -> String {
        let rest = text.drop { $0 == UInt8(ascii: " ") }
        let end = rest.lastIndex { $0 != UInt8(ascii: " ") }
        return end.map { String(Substring(rest[...$0])) } ?? ""
    }
}
