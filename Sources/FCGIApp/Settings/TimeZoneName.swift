// The values of TZ that the C library knows.

import Glibc
import RegexBuilder

enum TimeZoneName {
    /// Whether the C library knows the zone. It takes a name that it does not know for UTC, without an error.
    static func isKnown(_ name: String) -> Bool {
        let name = name.hasPrefix(":") ? String(name.dropFirst()) : name
        if name.isEmpty || name == "UTC" || isPOSIXRule(name) { return true }
        return isZoneFile(name.hasPrefix("/") ? name : "/usr/share/zoneinfo/\(name)")
    }

    /// Whether a file begins as a zone's does (RFC 8536, section 3.1). In the same directory are lists in plain text.
    private static func isZoneFile(_ path: String) -> Bool {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return false }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: 4, alignment: 1) { magic in
            read(file, magic.baseAddress, magic.count) == magic.count && magic.elementsEqual("TZif".utf8)
        }
    }

    /// Whether the text is a zone as POSIX writes it (Base Definitions, section 8.3): a name of three letters or more, or
    /// of any characters in <>, and an offset, as in CST-8; after these the same for summer time, with the rules of its
    /// begin and end.
    private static func isPOSIXRule(_ text: String) -> Bool {
        let name = /(?:[A-Za-z]{3,}|<[A-Za-z0-9+\-]{3,}>)/
        let hours = /[+\-]?(?:[01]?[0-9]|2[0-4])(?::[0-5][0-9]){0,2}/
        // Since RFC 8536 a rule's time may be up to a week before or after its day.
        let time = /[+\-]?[0-9]{1,3}(?::[0-5][0-9]){0,2}/
        let day = /(?:M(?:[1-9]|1[0-2])\.[1-5]\.[0-6]|J?[0-9]{1,3})/
        let rule = Regex {
            ","
            day
            Optionally {
                "/"
                time
            }
        }
        let zone = Regex {
            name
            hours
            Optionally {
                name
                Optionally(hours)
                Optionally {
                    rule
                    rule
                }
            }
        }
        return text.wholeMatch(of: zone) != nil
    }
}
