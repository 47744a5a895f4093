// Rows of any types, lengths and NULLs are read as they were sent, or refused.

import Glibc

@testable import MySQLStore

/// The input: the columns' types, then rows. The target fills the buffers as libmariadb does: as much of a
/// value as there is room for, with its whole length, and the rest when the column is fetched again.
enum RowReaderTarget {
    static let target = FuzzTarget(name: "row-reader", feed: feed)

    private static let mostColumns = 24
    private static let mostRows = 20
    private static let lengths = [0, 1, 7, 255, 256, 257, 513, 1_025]

    private static func feed(_ bytes: UnsafeRawBufferPointer) {
        var input = FuzzInput(bytes)
        let shape = Shape(input.byte())
        var types = shape.types
        // Now and then a column that is of another type, one too many, or too few.
        switch input.number(below: 8) {
        case 0: types = (0..<input.number(below: mostColumns)).map { _ in input.byte() & 1 == 0 ? .integer : .text }
        case 1: types = Array(types.dropLast(1 + input.number(below: 8)))
        case 2: types.append(.text)
        default: break
        }
        let columns = BindBuffers(types)
        var reader = RowReader(columns)
        var rows = 0
        while !input.isEmpty, rows < mostRows {
            let row = types.map { Column($0, &input) }
            fetch(row, into: columns)
            shape.read(row, &reader)
            rows += 1
        }
    }

    /// As `mysql_stmt_fetch`, and `mysql_stmt_fetch_column` for what was cut.
    private static func fetch(_ row: [Column], into buffers: BindBuffers) {
        for (index, column) in row.enumerated() { column.store(in: buffers, at: index) }
        do {
            try buffers.growTruncated { index throws(DatabaseError) in row[index].store(in: buffers, at: index) }
        } catch {
            fatalError("\(error)")
        }
        for (index, column) in row.enumerated() {
            expect(buffers.isNull(at: index) == (column == .null), "NULL is NULL")
            switch column {
            case .null: break
            case .integer(let integer): expect(buffers.integer(at: index) == integer, "an integer is itself")
            case .text(let text):
                let read = buffers.bytes(at: index)
                guard let start = read.baseAddress else { fatalError("a text has memory") }
                expect(read.count == text.count && memcmp(start, text, text.count) == 0, "a text is whole")
            }
        }
    }

    /// A value of a row.
    enum Column: Equatable {
        case null
        case integer(Int64)
        case text([UInt8])

        init(_ type: SQLType, _ input: inout FuzzInput) {
            let choice = input.byte()
            guard choice % 8 > 0 else {
                self = .null
                return
            }
            switch type {
            case .integer:
                self = .integer(choice < 128 ? input.integer() : Int64(choice))
            case .text:
                let isLong = choice % 8 == 7
                let length = isLong ? lengths[input.number(below: lengths.count)] : Int(choice) / 8
                let bytes = input.bytes(isLong ? min(length, 8) : length)
                self = .text(isLong ? bytes + [UInt8](repeating: choice, count: length - bytes.count) : bytes)
            }
        }
    }
}
