// The bytes that cursors are made of outside of the process: integers of variable length (LEB128), and fixed ones.

enum CursorBytes {
    /// FNV-1a. It tells a cursor that was cut or mistyped; nobody gains by making one up.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    struct Writer {
        private(set) var bytes: [UInt8] = []

        mutating func write(_ value: UInt64) {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }

        mutating func write(_ value: Int64) {
            write(UInt64(bitPattern: value))
        }

        mutating func write(fixed value: UInt32) {
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }

        /// Ends the cursor with the checksum of all that was written.
        mutating func writeChecksum() {
            write(fixed: CursorBytes.checksum(bytes[...]))
        }
    }

    struct Reader {
        private let all: [UInt8]
        private(set) var bytes: ArraySlice<UInt8>

        init(_ bytes: [UInt8]) {
            all = bytes
            self.bytes = bytes[...]
        }

        /// nil at the end, and for a value that is longer than it has to be.
        mutating func read() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: UInt64(0), to: 64, by: 7) {
                guard let byte = bytes.popFirst() else { return nil }
                guard shift < 63 || byte <= 1 else { return nil }
                value |= UInt64(byte & 0x7F) << shift
                if byte & 0x80 == 0 { return byte == 0 && shift > 0 ? nil : value }
            }
            return nil
        }

        mutating func readInteger() -> Int64? {
            read().map { Int64(bitPattern: $0) }
        }

        /// A time that a database can have: from 1970 to the year 9999.
        mutating func readTime() -> Int64? {
            read().flatMap { $0 < 253_402_300_800_000 ? Int64($0) : nil }
        }

        mutating func readFixed() -> UInt32? {
            guard bytes.count >= 4 else { return nil }
            var value: UInt32 = 0
            for shift in [0, 8, 16, 24] as [UInt32] { value |= UInt32(bytes.removeFirst()) << shift }
            return value
        }

        /// Whether what is left is the checksum of all that was read.
        mutating func endsWithChecksum() -> Bool {
            let checksum = CursorBytes.checksum(all[..<bytes.startIndex])
            return readFixed() == checksum && bytes.isEmpty
        }
    }
}
