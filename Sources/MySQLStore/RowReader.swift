// From a fetched row to a Swift value, column by column.

/// A value that is read from a row's columns, in the order in which its statement selects them.
protocol DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError)
}

/// Reads the current row from left to right.
struct RowReader {
    private let columns: BindBuffers
    private var index = 0

    init(_ columns: BindBuffers) {
        self.columns = columns
    }

    /// The next column.
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

    /// A value that takes all the columns that are left, or nil where the first of them is NULL: the
    /// other side of a LEFT JOIN.
    mutating func rest<Value: DecodableRow>() throws(DatabaseError) -> Value? {
        columns.isNull(at: index) ? nil : try Value(&self)
    }
}

extension DatabaseError {
    static func unexpectedRow(_ message: String) -> DatabaseError {
        DatabaseError(code: .malformedPacket, sqlState: "HY000", message: message)
    }
}
