// Measures the name-value pairs of a parameter stream, without reading them.

/// Follows a stream of name-value pairs (FastCGI specification, section 3.4) across its records.
///
/// libfcgi allocates whatever length a pair declares, and does not survive one of two gigabytes.
struct ParameterScanner {
    /// Bytes of names and values that are still to come of the pair at hand.
    private var rest = 0
    /// Which of the pair's two lengths are known.
    private var nameLength: Int?
    /// A length of four bytes that has begun: what there is of it, and how many are still to come.
    private var length = 0
    private var lengthBytesLeft = 0
    /// Bytes of the stream so far, and of what its last pair declares.
    private var total = 0

    /// Bytes that the stream may have. nginx sends at most 64 KB.
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
