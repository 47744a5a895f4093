// FastCGI requests, read in the plainest way: what the service's own way is compared with.

/// What a request says.
struct NaiveRequest {
    var pairs: [(name: [UInt8], value: [UInt8])] = []
    var body: [UInt8] = []

    /// What libfcgi has for a name: it keeps pairs as C strings, name=value.
    func parameter(_ name: String) -> [UInt8] {
        let prefix = Array("\(name)=".utf8)
        for pair in pairs {
            let text = (pair.name + Array("=".utf8) + pair.value).prefix { $0 != 0 }
            if text.starts(with: prefix) { return Array(text.dropFirst(prefix.count)) }
        }
        return []
    }
}

/// Takes requests from a peer's bytes, one after the other; records of other requests are passed over.
struct NaiveReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// nil: what is left is no whole request.
    mutating func next() -> NaiveRequest? {
        guard let begin = record(), begin.type == 1 else { return nil }
        var parameters: [UInt8] = []
        var request = NaiveRequest()
        var hasParameters = false
        while let record = record() {
            guard record.id == begin.id else { continue }
            switch (record.type, record.content.isEmpty) {
            case (4, false): parameters += record.content
            case (4, true): hasParameters = true
            case (5, false): request.body += record.content
            case (5, true):
                guard hasParameters, let pairs = Self.pairs(parameters[...]) else { return nil }
                request.pairs = pairs
                return request
            default: return nil
            }
        }
        return nil
    }

    private mutating func record() -> (type: UInt8, id: UInt16, content: ArraySlice<UInt8>)? {
        guard rest.count >= 8 else { return nil }
        let header = Array(rest.prefix(8))
        let length = Int(header[4]) << 8 | Int(header[5])
        let padding = Int(header[6])
        guard rest.count >= 8 + length + padding else { return nil }
        let content = rest.dropFirst(8).prefix(length)
        rest = rest.dropFirst(8 + length + padding)
        return (header[1], UInt16(header[2]) << 8 | UInt16(header[3]), content)
    }

    private static func pairs(_ bytes: ArraySlice<UInt8>) -> [(name: [UInt8], value: [UInt8])]? {
        var bytes = bytes
        var pairs: [(name: [UInt8], value: [UInt8])] = []
        while !bytes.isEmpty {
            guard let name = length(&bytes), let value = length(&bytes), bytes.count >= name + value else { return nil }
            pairs.append((Array(bytes.prefix(name)), Array(bytes.dropFirst(name).prefix(value))))
            bytes = bytes.dropFirst(name + value)
        }
        return pairs
    }

    private static func length(_ bytes: inout ArraySlice<UInt8>) -> Int? {
        guard let first = bytes.popFirst() else { return nil }
        guard first & 0x80 != 0 else { return Int(first) }
        guard bytes.count >= 3 else { return nil }
        let rest = bytes.prefix(3)
        bytes = bytes.dropFirst(3)
        return rest.reduce(Int(first & 0x7F)) { $0 << 8 | Int($1) }
    }
}
