// The memory that a prepared statement's parameters and columns are exchanged through.

internal import CMariaDB

/// An array of MYSQL_BIND, each with a buffer of its own. libmariadb copies the binds and keeps their pointers, so they
/// are bound once, and again only when a buffer has grown.
///
/// Invariants: `binds[i].buffer` has `binds[i].buffer_length` bytes and is owned here;
/// `binds[i].length` and `.is_null` point at `lengths[i]` and `nulls[i]`.
final class BindBuffers {
    let types: [SQLType]
    var count: Int { types.count }
    let binds: UnsafeMutablePointer<MYSQL_BIND>
    private let lengths: UnsafeMutablePointer<UInt>
    private let nulls: UnsafeMutablePointer<my_bool>
    /// Whether a buffer has moved since the last `mysql_stmt_bind_…`.
    var needsBinding = true

    /// The first size of a text's buffer in bytes. Most columns fit; the others make their buffer grow.
    private static let textCapacity = 256

    init(_ types: [SQLType]) {
        self.types = types
        let count = types.count
        binds = .allocate(capacity: count)
        lengths = .allocate(capacity: count)
        nulls = .allocate(capacity: count)
        binds.initialize(repeating: MYSQL_BIND(), count: count)
        lengths.initialize(repeating: 0, count: count)
        nulls.initialize(repeating: 0, count: count)
        for (index, type) in types.enumerated() {
            binds[index].length = lengths + index
            binds[index].is_null = nulls + index
            switch type {
            case .integer:
                binds[index].buffer_type = MYSQL_TYPE_LONGLONG
                allocate(MemoryLayout<Int64>.size, at: index)
            case .text:
                binds[index].buffer_type = MYSQL_TYPE_STRING
                allocate(Self.textCapacity, at: index)
            }
        }
    }

    deinit {
        for index in 0..<count { binds[index].buffer.deallocate() }
        binds.deallocate()
        lengths.deallocate()
        nulls.deallocate()
    }

    func setNull(at index: Int) {
        nulls[index] = 1
    }

    func set(_ value: Int64, at index: Int) {
        nulls[index] = 0
        binds[index].buffer.storeBytes(of: value, as: Int64.self)
    }

    func set(_ text: String, at index: Int) {
        nulls[index] = 0
        var text = text
        text.withUTF8 { bytes in
            reserve(bytes.count, at: index)
            lengths[index] = UInt(bytes.count)
            if let source = bytes.baseAddress {
                binds[index].buffer.copyMemory(from: source, byteCount: bytes.count)
            }
        }
    }

    func isNull(at index: Int) -> Bool {
        nulls[index] != 0
    }

    func integer(at index: Int) -> Int64 {
        binds[index].buffer.load(as: Int64.self)
    }

    /// The text in the current row. It is valid until the next row is fetched.
    func bytes(at index: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: binds[index].buffer, count: Int(lengths[index]))
    }

    /// Makes room for the columns of the current row that did not fit, and fetches them again.
    func growTruncated(_ refetch: (Int) throws(DatabaseError) -> Void) throws(DatabaseError) {
        for index in 0..<count where nulls[index] == 0 && lengths[index] > binds[index].buffer_length {
            reserve(Int(lengths[index]), at: index)
            try refetch(index)
        }
    }

    private func reserve(_ capacity: Int, at index: Int) {
        guard capacity > Int(binds[index].buffer_length) else { return }
        binds[index].buffer.deallocate()
        allocate(capacity.nextPowerOfTwo, at: index)
    }

    private func allocate(_ capacity: Int, at index: Int) {
        binds[index].buffer = .allocate(byteCount: capacity, alignment: MemoryLayout<Int64>.alignment)
        binds[index].buffer_length = UInt(capacity)
        needsBinding = true
    }
}

extension Int {
    fileprivate var nextPowerOfTwo: Int {
        1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
    }
}
