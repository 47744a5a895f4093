// The form of a cursor outside of the process.

extension ChangeCursor {
    /// Bytes of the longest form in which each conversation is named: in base64, 1,024 characters are 768 bytes.
    static let maximumSize = 740

    /// The cursor as bytes: integers of variable length (LEB128), and versions and sums of four bytes each.
    public var bytes: [UInt8] {
        var writer = Writer()
        switch told {
        case .conversations(let versions):
            writer.write(UInt64(Form.conversations.rawValue))
            writeTimes(to: &writer)
            writer.write(UInt64(versions.count))
            var previous: Int64 = 0
            for (id, version) in versions.sorted(by: { $0.key < $1.key }) {
                writer.write(UInt64(bitPattern: id &- previous))
                writer.write(fixed: version)
                previous = id
            }
        case .digest(let sums, let end):
            writer.write(UInt64(Form.digest.rawValue))
            writeTimes(to: &writer)
            writer.write(UInt64(bitPattern: end.time))
            writer.write(UInt64(bitPattern: end.conversation))
            for sum in sums { writer.write(fixed: sum) }
        }
        writer.write(fixed: Self.checksum(writer.bytes[...]))
        return writer.bytes
    }

    /// Reads `bytes`; nil where they are not those of a cursor.
    public init?(bytes: [UInt8]) {
        guard bytes.count > 4, bytes.count <= 768 else { return nil }
        var reader = Reader(bytes: bytes[...])
        guard let form = reader.read().flatMap({ Form(rawValue: $0) }),
            let time = reader.readTime(), let start = reader.readTime(), start <= time
        else { return nil }
        let told: Told
        switch form {
        case .conversations:
            guard let count = reader.read(), count <= bytes.count else { return nil }
            var versions: [Int64: UInt32] = [:]
            var id: Int64 = 0
            for _ in 0..<count {
                guard let step = reader.read(), let version = reader.readFixed() else { return nil }
                id &+= Int64(bitPattern: step)
                versions[id] = version
            }
            guard versions.count == count else { return nil }
            told = .conversations(versions)
        case .digest:
            guard let end = reader.readTime(), let conversation = reader.read() else { return nil }
            var sums: [UInt32] = []
            for _ in 0..<Self.sumCount {
                guard let sum = reader.readFixed() else { return nil }
                sums.append(sum)
            }
            told = .digest(sums: sums, upTo: Position(time: end, conversation: Int64(bitPattern: conversation)))
        }
        let checksum = Self.checksum(bytes[..<reader.bytes.startIndex])
        guard reader.readFixed() == checksum, reader.bytes.isEmpty else { return nil }
        self.init(time: time, start: start, told: told)
    }

    private enum Form: UInt64 {
        case conversations = 1
        case digest = 2
    }

    private func writeTimes(to writer: inout Writer) {
        writer.write(UInt64(bitPattern: time))
        writer.write(UInt64(bitPattern: start))
    }

    /// FNV-1a. It tells a cursor that was cut or mistyped; nobody gains by making one up.
    private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
    }

    private struct Writer {
        var bytes: [UInt8] = []

        mutating func write(_ value: UInt64) {
            var rest = value
            while rest >= 0x80 {
                bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
                rest >>= 7
            }
            bytes.append(UInt8(rest))
        }

        mutating func write(fixed value: UInt32) {
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
        }
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>

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
    }
}
