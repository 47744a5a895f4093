// Writes the JSON of an answer into one growing buffer.

/// Appends JSON (RFC 8259) to a buffer that is used again for the next answer.
///
/// The buffer is allocated by the writer: an array would check at each byte whether it is shared and has room, which
/// was a tenth of the time of a page of messages.
///
/// Invariants: `buffer` has `capacity` bytes and is owned here; the first `count` of them are the text.
public struct JSONWriter: ~Copyable {
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity = 4_096
    private var count = 0
    /// Whether a comma is due before the next value or key.
    private var needsComma = false

    /// The greatest size in bytes that the buffer keeps for the next answer.
    private static let keptCapacity = 256 * 1024

    /// A writer with an empty text.
    public init() {
        buffer = .allocate(capacity: capacity)
    }

    deinit {
        buffer.deallocate()
    }

    /// The text so far.
    public var bytes: [UInt8] {
        Array(UnsafeBufferPointer(start: buffer, count: count))
    }

    /// Lends the text so far.
    public func withBytes(_ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        body(UnsafeBufferPointer(start: buffer, count: count))
    }

    /// Begins a new text.
    public mutating func reset() {
        if capacity > Self.keptCapacity { resize(to: 4_096) }
        count = 0
        needsComma = false
    }

    /// Writes an object; `members` writes its members.
    @inline(__always)
    public mutating func object<Failure: Error>(_ members: (inout JSONWriter) throws(Failure) -> Void) throws(Failure) {
        open(UInt8(ascii: "{"))
        try members(&self)
        close(UInt8(ascii: "}"))
    }

    /// Writes an array; `element` writes one of its values.
    @inline(__always)
    mutating func array<Value>(_ values: [Value], _ element: (inout JSONWriter, Value) -> Void) {
        open(UInt8(ascii: "["))
        // Iterating over the values, in place of their indices, would copy each one and retain every string in it.
        for index in values.indices { element(&self, values[index]) }
        close(UInt8(ascii: "]"))
    }

    /// Writes a member's key; its value has to follow. The key must have no character that needs an escape.
    public mutating func key(_ key: StaticString) {
        let length = key.utf8CodeUnitCount
        reserve(length + 4)
        separate()
        put(UInt8(ascii: "\""))
        (buffer + count).update(from: key.utf8Start, count: length)
        count += length
        put(UInt8(ascii: "\""))
        put(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Writes a member with a string, or with null.
    public mutating func member(_ name: StaticString, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    /// Writes a member with an integer, or with null.
    public mutating func member(_ name: StaticString, _ value: Int64?) {
        key(name)
        if let value { integer(value) } else { null() }
    }

    /// Writes a member with a boolean.
    public mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        literal(value ? "true" : "false")
    }

    /// Writes a member with an object that is JSON text already; nothing where it is not.
    mutating func member(_ name: StaticString, object text: [UInt8]) {
        guard (try? JSONObject(parsing: text)) != nil else { return }
        key(name)
        reserve(text.count + 1)
        separate()
        text.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { (buffer + count).update(from: start, count: bytes.count) }
        }
        count += text.count
    }

    /// Writes null.
    public mutating func null() {
        literal("null")
    }

    /// Writes an integer.
    public mutating func integer(_ value: Int64) {
        reserve(21)
        separate()
        if value < 0 { put(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var end = count
        repeat { rest /= 10; end += 1 } while rest > 0
        rest = value.magnitude
        for place in (count..<end).reversed() {
            buffer[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count = end
    }

    /// Writes a string.
    public mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { string($0) }
    }

    /// Writes a string from its UTF-8. The bytes between two escapes are copied in one piece.
    public mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        reserve(text.count + 3)
        separate()
        put(UInt8(ascii: "\""))
        if let start = text.baseAddress {
            var from = start
            let end = start + text.count
            while from < end {
                let run = Self.plainRun(from, end)
                (buffer + count).update(from: from, count: run)
                count += run
                from += run
                if from < end {
                    reserve(6 + end - from)
                    escape(from.pointee)
                    from += 1
                }
            }
        }
        put(UInt8(ascii: "\""))
    }

    /// The number of bytes from `start` that need no escape. They are compared eight at a time.
    private static func plainRun(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int {
        var at = start
        let ones: UInt64 = 0x0101_0101_0101_0101
        while end - at >= 8 {
            let word = UnsafeRawPointer(at).loadUnaligned(as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            let found =
                ((word &- ones &* 0x20) & ~word) | ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
            // A match sets its byte's top bit. A borrow can set later ones, so only the first counts.
            let marks = found & (ones &* 0x80)
            if marks != 0 { return at - start + marks.trailingZeroBitCount / 8 }
            at += 8
        }
        while at < end, !needsEscape(at.pointee) { at += 1 }
        return at - start
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        put(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): put(byte)
        case 0x08: put(UInt8(ascii: "b"))
        case 0x09: put(UInt8(ascii: "t"))
        case 0x0A: put(UInt8(ascii: "n"))
        case 0x0C: put(UInt8(ascii: "f"))
        case 0x0D: put(UInt8(ascii: "r"))
        default:
            let digits: StaticString = "0123456789abcdef"
            put(UInt8(ascii: "u"))
            put(UInt8(ascii: "0"))
            put(UInt8(ascii: "0"))
            put(digits.utf8Start[Int(byte >> 4)])
            put(digits.utf8Start[Int(byte & 15)])
        }
    }

    private mutating func literal(_ text: StaticString) {
        reserve(text.utf8CodeUnitCount + 1)
        separate()
        (buffer + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    private mutating func open(_ bracket: UInt8) {
        reserve(2)
        separate()
        put(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        reserve(1)
        put(bracket)
        needsComma = true
    }

    /// Writes the comma before a value or key, where one is due. The caller has reserved room for it.
    @inline(__always)
    private mutating func separate() {
        if needsComma { put(UInt8(ascii: ",")) }
        needsComma = true
    }

    /// Appends a byte. The caller has reserved room for it.
    @inline(__always)
    private mutating func put(_ byte: UInt8) {
        buffer[count] = byte
        count += 1
    }

    @inline(__always)
    private mutating func reserve(_ more: Int) {
        if count + more > capacity { resize(to: max(count + more, capacity + capacity / 2)) }
    }

    private mutating func resize(to capacity: Int) {
        let grown = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        grown.update(from: buffer, count: min(count, capacity))
        buffer.deallocate()
        buffer = grown
        self.capacity = capacity
    }
}
