// Keys for sends whose client gave none.

/// Makes keys that no other send has, so that one which is tried again is known for the same.
struct SendKeys {
    /// What they begin with. They are stored like those of clients, and shown to nobody.
    static let prefix = "server:"

    /// Drawn once: the keys of all stores, processes and hosts differ in it.
    private let random = UInt64.random(in: 0 ... .max)
    private var count: UInt64 = 0

    /// The next one: 39 characters.
    mutating func next() -> String {
        count += 1
        return Self.prefix + Self.hexadecimal(random) + Self.hexadecimal(count)
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
