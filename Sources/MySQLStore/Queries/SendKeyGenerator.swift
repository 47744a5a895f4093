// Idempotency keys for sends whose client gave none.

/// Makes keys that no other send has. A send that is tried again has the same key, and is stored once.
struct SendKeyGenerator {
    /// The reserved prefix and a random number, in which the keys of all stores, processes and hosts differ.
    private let start: String
    private var count: UInt64 = 0

    init() {
        start = NewMessage.reservedKeyPrefix + Self.hexadecimal(UInt64.random(in: 0 ... .max))
    }

    /// A new key, of 39 characters.
    mutating func next() -> String {
        count += 1
        return start + Self.hexadecimal(count)
    }

    /// The number in sixteen digits.
    private static func hexadecimal(_ number: UInt64) -> String {
        String(unsafeUninitializedCapacity: 16) { buffer in
            for place in 0..<16 {
                let digit = UInt8(truncatingIfNeeded: number >> UInt64(60 - 4 * place)) & 15
                buffer[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            }
            return 16
        }
    }
}
