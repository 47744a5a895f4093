// The files from which the units take the service's environment, with its secrets.

import Glibc
import Runtime

enum EnvironmentFile {
    /// Where deploy/systemd has them; the last one is that of earlier versions.
    private static let patterns = ["/etc/orbia-conversation/*.env", "/etc/orbia-conversation*.env"]

    /// Returns the units' files that are there.
    static func pathsOfUnits() -> [String] {
        patterns.flatMap(paths)
    }

    private static func paths(of pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
    }

    /// Says who can read or change the file beside its owner and root; nil: nobody.
    static func exposure(of path: String) throws(SystemError) -> String? {
        var status = stat()
        try system("cannot look at \(path)") { stat(path, &status) }
        let mode = status.st_mode
        if mode & 0o007 != 0 { return "everybody on this machine" }
        // root's own group has root alone.
        return mode & 0o070 != 0 && status.st_gid != 0 ? "the group \(groupName(status.st_gid))" : nil
    }

    private static func groupName(_ id: gid_t) -> String {
        getgrgid(id).map { String(cString: $0.pointee.gr_name) } ?? "\(id)"
    }
}
