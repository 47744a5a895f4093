// libmariadb's part in reading rows: it fills the buffers that were bound.

import CMariaDB

@testable import MySQLStore

extension RowReaderTarget.Column {
    /// As much of the value as there is room for.
    func store(in buffers: BindBuffers, at index: Int) {
        let bind = buffers.binds[index]
        bind.is_null.pointee = self == .null ? 1 : 0
        switch self {
        case .null:
            break
        case .integer(let integer):
            bind.length.pointee = 8
            expect(bind.buffer_length == 8, "an integer has eight bytes")
            bind.buffer.storeBytes(of: integer, as: Int64.self)
        case .text(let text):
            bind.length.pointee = UInt(text.count)
            text.withUnsafeBytes { text in
                let count = min(text.count, Int(bind.buffer_length))
                if count > 0 { bind.buffer.copyMemory(from: text.baseAddress!, byteCount: count) }
            }
        }
    }
}
