// Reads a fetched row into a Swift value, column by column.

/// A value that is read from a row's columns, in the order in which its statement selects them.
protocol DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError)
}

/// Reads rows, each from left to right.
struct RowReader {
    private let columns: BindBuffers
    private var index = 0
    /// The texts of all rows that were read as `PageText`.
    private(set) var texts: [UInt8] = []

    init(_ columns: BindBuffers) {
        self.columns = columns
    }

    /// Reads the row that was fetched last.
    mutating func row<Row: DecodableRow>() throws(DatabaseError) -> Row {
        index = 0
        return try Row(&self)
    }

    /// Reads the next column.
    mutating func next<Value: SQLValue>() throws(DatabaseError) -> Value {
        guard index < columns.count, columns.types[index] == Value.type else {
            throw .unexpectedRow("column \(index) is not the \(Value.type) that it should be")
        }
        guard let value = Value.read(from: columns, at: index) else {
            throw .unexpectedRow("column \(index) is NULL")
        }
        index += 1
        return value
    }

    /// Reads the next column, and adds it to `texts`.
    mutating func next() throws(DatabaseError) -> PageText {
        guard let text: PageText = try next() else { throw .unexpectedRow("column \(index - 1) is NULL") }
        return text
    }

    /// Reads the next column, and adds it to `texts`; nil where it is NULL.
    mutating func next() throws(DatabaseError) -> PageText? {
        guard index < columns.count, columns.types[index] == .text else {
            throw .unexpectedRow("column \(index) is not the text that it should be")
        }
        defer { index += 1 }
        if columns.isNull(at: index) { return nil }
        let start = texts.count
        texts.append(contentsOf: columns.bytes(at: index))
        return PageText(start..<texts.count)
    }

    /// Reads the columns of the right side of a LEFT JOIN; nil where the first of them is NULL.
    ///
    /// - Parameter count: how many columns they are, where others follow.
    mutating func leftJoined<Value: DecodableRow>(columns count: Int = 0) throws(DatabaseError) -> Value? {
        guard index < columns.count else { throw .unexpectedRow("column \(index) is not there") }
        guard columns.isNull(at: index) else { return try Value(&self) }
        index += count
        return nil
    }
}

extension DatabaseError {
    static func unexpectedRow(_ message: String) -> DatabaseError {
        DatabaseError(code: .malformedPacket, sqlState: "HY000", message: message)
    }
}
