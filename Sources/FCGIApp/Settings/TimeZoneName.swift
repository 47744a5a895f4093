// Which values of TZ mean something.

import Glibc

enum TimeZoneName {
    /// Whether the C library knows the zone. It takes any other name for UTC without a word.
    static func isKnown(_ name: String) -> Bool {
        let name = name.hasPrefix(":") ? String(name.dropFirst()) : name
        if name.isEmpty || name == "UTC" || isPOSIXRule(name) { return true }
        let path = name.hasPrefix("/") ? name : "/usr/share/zoneinfo/\(name)"
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    }

    /// The form of POSIX: a name of three letters or more, or any in <>, and an offset, as in CST-8.
    private static func isPOSIXRule(_ name: String) -> Bool {
        name.wholeMatch(of: /([A-Za-z]{3,}|<[A-Za-z0-9+\-]{3,}>)[+\-]?[0-9]{1,3}(:[0-9]{2}){0,2}.*/) != nil
    }
}
