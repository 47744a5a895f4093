// The Swift types that parameters and columns can have.

/// How a value is exchanged with the server.
enum SQLType {
    /// A 64-bit signed integer.
    case integer
    /// UTF-8 bytes.
    case text
}

/// A type of parameters and columns.
protocol SQLValue {
    static var type: SQLType { get }
    func bind(to buffers: BindBuffers, at index: Int)
    /// Reads the column of the current row; nil where it is NULL, and this type is not optional.
    static func read(from buffers: BindBuffers, at index: Int) -> Self?
}

extension Int64: SQLValue {
    static var type: SQLType { .integer }

    func bind(to buffers: BindBuffers, at index: Int) {
        buffers.set(self, at: index)
    }

    static func read(from buffers: BindBuffers, at index: Int) -> Int64? {
        buffers.isNull(at: index) ? nil : buffers.integer(at: index)
    }
}

extension String: SQLValue {
    static var type: SQLType { .text }

    func bind(to buffers: BindBuffers, at index: Int) {
        buffers.set(self, at: index)
    }

    static func read(from buffers: BindBuffers, at index: Int) -> String? {
        buffers.isNull(at: index) ? nil : String(decoding: buffers.bytes(at: index), as: UTF8.self)
    }
}

extension Optional: SQLValue where Wrapped: SQLValue {
    static var type: SQLType { Wrapped.type }

    func bind(to buffers: BindBuffers, at index: Int) {
        if let value = self {
            value.bind(to: buffers, at: index)
        } else {
            buffers.setNull(at: index)
        }
    }

    static func read(from buffers: BindBuffers, at index: Int) -> Wrapped?? {
        .some(Wrapped.read(from: buffers, at: index))
    }
}
