// Owns one MYSQL_STMT: a prepared statement and the memory of its parameters and columns.

internal import CMariaDB

/// A prepared statement with rows of one Swift type. The call has the types of its parameters: for example, `try
/// statement.row(userID, conversationID)` returns an optional `Row`.
///
/// It belongs to its connection's thread. It is prepared when it is first run, and then kept: where a round trip takes
/// a tenth of a second, preparing all statements at once would take longer than a request may.
final class Statement<Row: DecodableRow> {
    private let handle: UnsafeMutablePointer<MYSQL_STMT>
    private let connection: Connection
    private let sql: String
    private var isPrepared = false
    /// Parameters and columns are made in the first run: a statement is always called with the same types, and a CALL
    /// has no columns before it is executed.
    private var parameters: BindBuffers?
    private var columns: BindBuffers?

    init(_ connection: Connection, _ sql: String) {
        guard let handle = mysql_stmt_init(connection.handle) else { fatalError("no memory for a statement") }
        self.handle = handle
        self.connection = connection
        self.sql = sql
    }

    deinit {
        mysql_stmt_close(handle)
    }

    /// Prepares the statement, where that was not done yet.
    func prepare() throws(DatabaseError) {
        guard !isPrepared else { return }
        connection.beginPreparation()
        guard mysql_stmt_prepare(handle, sql, UInt(sql.utf8.count)) == 0 else { throw DatabaseError(of: handle) }
        isPrepared = true
    }

    /// Runs the statement, and returns its only row; nil where there is none.
    ///
    /// It is inlined, so that the types of the values are known where they are bound.
    @inline(__always)
    func row<each Parameter: SQLValue>(_ values: repeat each Parameter) throws(DatabaseError) -> Row? {
        try rows(repeat each values).first
    }

    /// Runs the statement, and returns all its rows.
    @inline(__always)
    func rows<each Parameter: SQLValue>(_ values: repeat each Parameter) throws(DatabaseError) -> [Row] {
        try rowsAndTexts(repeat each values).rows
    }

    /// Runs the statement, and returns all its rows with the texts that they have read as `PageText`.
    @inline(__always)
    func rowsAndTexts<each Parameter: SQLValue>(
        _ values: repeat each Parameter
    ) throws(DatabaseError) -> (rows: [Row], texts: [UInt8]) {
        let buffers: BindBuffers
        if let parameters {
            buffers = parameters
        } else {
            try prepare()
            var types: [SQLType] = []
            for parameter in repeat (each Parameter).self { types.append(parameter.type) }
            buffers = makeParameters(types)
        }
        var index = 0
        for value in repeat each values {
            value.bind(to: buffers, at: index)
            index += 1
        }
        return try execute(with: buffers)
    }

    /// Runs the statement with each of `values` as a parameter, and returns all its rows.
    func rows(forEach values: [Int64]) throws(DatabaseError) -> [Row] {
        try prepare()
        let buffers = parameters ?? makeParameters(values.map { _ in .integer })
        for (index, value) in values.enumerated() { value.bind(to: buffers, at: index) }
        return try execute(with: buffers).rows
    }

    private func makeParameters(_ types: [SQLType]) -> BindBuffers {
        precondition(types.count == Int(mysql_stmt_param_count(handle)), "a statement is called with its parameters")
        let buffers = BindBuffers(types)
        parameters = buffers
        return buffers
    }

    private func execute(with parameters: BindBuffers) throws(DatabaseError) -> (rows: [Row], texts: [UInt8]) {
        let start = try connection.beginStatement()
        defer { connection.endStatement(begun: start) }
        if parameters.needsBinding {
            guard mysql_stmt_bind_param(handle, parameters.binds) == 0 else { throw DatabaseError(of: handle) }
            parameters.needsBinding = false
        }
        guard mysql_stmt_execute(handle) == 0 else { throw DatabaseError(of: handle) }
        let columns = if let columns { columns } else { try makeColumns() }
        // The columns of a CALL have to be bound anew in each execution.
        columns.needsBinding = true
        var rows: [Row] = []
        var reader = RowReader(columns)
        while try fetch(into: columns) { rows.append(try reader.row()) }
        try finish()
        return (rows, reader.texts)
    }

    private func makeColumns() throws(DatabaseError) -> BindBuffers {
        guard let metadata = mysql_stmt_result_metadata(handle) else { throw DatabaseError(of: handle) }
        defer { mysql_free_result(metadata) }
        let fields = UnsafeBufferPointer(start: mysql_fetch_fields(metadata), count: Int(mysql_num_fields(metadata)))
        let buffers = BindBuffers(fields.map { SQLType(of: $0.type) })
        columns = buffers
        return buffers
    }

    /// Fetches the next row. Returns whether there was one.
    private func fetch(into columns: BindBuffers) throws(DatabaseError) -> Bool {
        if columns.needsBinding {
            guard mysql_stmt_bind_result(handle, columns.binds) == 0 else { throw DatabaseError(of: handle) }
            columns.needsBinding = false
        }
        switch mysql_stmt_fetch(handle) {
        case 0:
            return true
        case MYSQL_NO_DATA:
            return false
        case MYSQL_DATA_TRUNCATED:
            try columns.growTruncated { index throws(DatabaseError) in
                guard mysql_stmt_fetch_column(handle, columns.binds + index, UInt32(index), 0) == 0 else {
                    throw DatabaseError(of: handle)
                }
            }
            return true
        default:
            throw DatabaseError(of: handle)
        }
    }

    /// Reads what is left of the answer, so that the next statement can be sent: behind the rows of a CALL comes a
    /// status.
    private func finish() throws(DatabaseError) {
        mysql_stmt_free_result(handle)
        while mysql_stmt_more_results(handle) != 0 {
            guard mysql_stmt_next_result(handle) <= 0 else { throw DatabaseError(of: handle) }
            mysql_stmt_free_result(handle)
        }
    }
}

extension SQLType {
    fileprivate init(of type: enum_field_types) {
        switch type {
        case MYSQL_TYPE_TINY, MYSQL_TYPE_SHORT, MYSQL_TYPE_INT24, MYSQL_TYPE_LONG, MYSQL_TYPE_LONGLONG:
            self = .integer
        default:
            self = .text
        }
    }
}
