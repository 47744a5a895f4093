// The check of the lengths that a parameter stream declares.

/// Follows a stream of name-value pairs (FastCGI specification, section 3.4) across its records.
///
/// libfcgi allocates whatever length a pair declares, and does not survive one of two gigabytes.
struct ParameterScanner {
    /// How many bytes of the current pair's name and value are still to come.
    private var rest = 0
    /// The length of the next pair's name, once it is known; that of its value follows.
    private var nameLength: Int?
    /// The length that is being read, as far as its bytes have come.
    private var length = 0
    /// How many bytes of that length are still to come: a length has one or four.
    private var lengthBytesLeft = 0
    /// Bytes of the stream so far, with what its last pair declares.
    private var total = 0

    /// The most bytes that the stream may have. nginx sends at most 64 KB.
    static let limit = 128 * 1024

    /// Whether the stream may end here.
    var isBetweenPairs: Bool { rest == 0 && nameLength == nil && lengthBytesLeft == 0 }

    /// Takes the next bytes; false where the pairs, as declared, are more than a request may have.
    mutating func scan(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if rest > 0 {
                let step = min(rest, bytes.endIndex - index)
                rest -= step
                index += step
            } else {
                guard take(bytes[index]) else { return false }
                index += 1
            }
        }
        return true
    }

    /// Takes one byte of a length; false where what it completes is too long.
    private mutating func take(_ byte: UInt8) -> Bool {
        total += 1
        if lengthBytesLeft > 0 {
            length = length << 8 | Int(byte)
            lengthBytesLeft -= 1
        } else if byte & 0x80 != 0 {
            length = Int(byte & 0x7F)
            lengthBytesLeft = 3
        } else {
            length = Int(byte)
        }
        if lengthBytesLeft > 0 { return total <= Self.limit }
        guard let name = nameLength else {
            nameLength = length
            return total <= Self.limit
        }
        rest = name + length
        nameLength = nil
        total += rest
        return total <= Self.limit
    }
}
