// The most memory that the process's control group may have.

import Glibc

/// The limits of control groups of version 2, as cgroups(7) and the kernel's cgroup-v2.rst have them. A unit's MemoryMax
/// is one, and so is a container's.
enum MemoryLimit {
    /// In bytes: the smallest `memory.max` of the process's group and of those that it is in, since the kernel ends a
    /// process at whichever is reached first. Nil where none of them has a limit, and without groups of version 2.
    static var current: Int? {
        guard var path = group() else { return nil }
        var limits: [Int] = []
        while true {
            // "max" is no number.
            if let line = firstLine(of: "/sys/fs/cgroup\(path)/memory.max"), let limit = Int(line) {
                limits.append(limit)
            }
            guard let slash = path.lastIndex(of: "/") else { return limits.min() }
            path = String(path[..<slash])
        }
    }

    /// The process's group as a path below the root of all groups; that itself is the empty text.
    private static func group() -> String? {
        guard let file = fopen("/proc/self/cgroup", "r") else { return nil }
        defer { fclose(file) }
        // One line for each hierarchy; that of version 2 has the number 0 and names no controllers.
        while let line = line(from: file) {
            guard line.hasPrefix("0::/") else { continue }
            let path = line.dropFirst(3)
            return path == "/" ? "" : String(path)
        }
        return nil
    }

    private static func firstLine(of path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        return line(from: file)
    }

    /// The next line without its end; nil behind the last one.
    private static func line(from file: UnsafeMutablePointer<FILE>) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(text) }
        let length = getline(&text, &size, file)
        guard length > 0, let text else { return nil }
        let bytes = UnsafeRawBufferPointer(start: text, count: length)
        return String(decoding: bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...], as: UTF8.self)
    }
}
