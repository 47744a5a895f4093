// The form of a cursor outside of the process.

extension ChangeCursor {
    /// Bytes of the longest form in which each conversation is named: in base64, 1,024 characters are 768 bytes.
    static let maximumSize = 740

    /// The cursor as bytes: integers of variable length, and versions and sums of four bytes each.
    public var bytes: [UInt8] {
        var writer = CursorBytes.Writer()
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
        writer.writeChecksum()
        return writer.bytes
    }

    /// Reads `bytes`; nil where they are not those of a cursor.
    public init?(bytes: [UInt8]) {
        guard bytes.count > 4, bytes.count <= 768 else { return nil }
        var reader = CursorBytes.Reader(bytes)
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
        guard reader.endsWithChecksum() else { return nil }
        self.init(time: time, start: start, told: told)
    }

    private enum Form: UInt64 {
        case conversations = 1
        case digest = 2
    }

    private func writeTimes(to writer: inout CursorBytes.Writer) {
        writer.write(UInt64(bitPattern: time))
        writer.write(UInt64(bitPattern: start))
    }
}
