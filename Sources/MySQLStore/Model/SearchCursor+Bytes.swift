// The form of a search's cursor outside of the process.

extension SearchCursor {
    /// In base64 1,024 characters.
    private static let maximumSize = 768

    /// The cursor as bytes.
    public var bytes: [UInt8] {
        let whole = bytes(withTold: true)
        // What is left out is told twice.
        return whole.count <= Self.maximumSize ? whole : bytes(withTold: false)
    }

    private func bytes(withTold: Bool) -> [UInt8] {
        var writer = CursorBytes.Writer()
        writer.write(fixed: search)
        switch walk {
        case .oneConversation:
            writer.write(Form.oneConversation.rawValue)
        case .byActivity(let position):
            writer.write(Form.byActivity.rawValue)
            writer.write(position.time)
            writer.write(position.conversation)
        case .again(let conversation):
            writer.write(Form.again.rawValue)
            writer.write(conversation)
        }
        writer.write(start)
        writer.write(Int64(step ?? 0))
        writer.write(inside?.conversation ?? 0)
        if let inside {
            writer.write(inside.before.time)
            writer.write(inside.before.id)
        }
        let told = withTold ? told : []
        writer.write(Int64(told.count))
        for each in told {
            writer.write(each.conversation)
            writer.write(each.activity &- start)
        }
        writer.writeChecksum()
        return writer.bytes
    }

    /// Reads `bytes`; nil where they are not those of a cursor.
    public init?(bytes: [UInt8]) {
        guard bytes.count <= Self.maximumSize else { return nil }
        var reader = CursorBytes.Reader(bytes)
        guard let search = reader.readFixed(), let form = reader.read().flatMap({ Form(rawValue: $0) }) else {
            return nil
        }
        self.search = search
        switch form {
        case .oneConversation:
            walk = .oneConversation
        case .byActivity:
            guard let time = reader.readTime(), let conversation = reader.readInteger() else { return nil }
            walk = .byActivity(below: .init(time: time, conversation: conversation))
        case .again:
            guard let conversation = reader.readInteger() else { return nil }
            walk = .again(below: conversation)
        }
        guard let start = reader.readTime(), let step = reader.readInteger(), (0...Int64(Int32.max)).contains(step),
            let conversation = reader.readInteger()
        else { return nil }
        self.start = start
        self.step = step == 0 ? nil : Int(step)
        if conversation != 0 {
            guard let time = reader.readTime(), let id = reader.readInteger() else { return nil }
            inside = Inside(conversation: conversation, before: MessagePosition(time: time, id: id))
        }
        guard let count = reader.readInteger(), (0...Int64(Self.toldLimit)).contains(count) else { return nil }
        for _ in 0..<count {
            guard let conversation = reader.readInteger(), let distance = reader.readInteger() else { return nil }
            told.append(Told(conversation: conversation, activity: start &+ distance))
        }
        guard reader.endsWithChecksum(), walk != .oneConversation || inside != nil else { return nil }
    }

    private enum Form: UInt64 {
        case oneConversation = 1
        case byActivity = 2
        case again = 3
    }
}
