// The statements that show what a host of the database can do.

internal import Runtime

/// A connection to a host, with statements that do what requests do.
final class HostProbe {
    private let connection: Connection
    private let timeout: Interval
    private let variables: Statement<VariableRow>
    private let reading: Statement<ProbeRow>
    private let writing: Statement<ProbeRow>
    private var runs = 0
    private(set) var configurationFaults: [ServerConfigurationFault] = []

    /// The server's variables are read in every fifth run, since they seldom change.
    private static let runsPerReadOfVariables = 5

    init(_ connection: Connection, timeout: Interval) {
        self.connection = connection
        self.timeout = timeout
        variables = Statement(connection, ServerConfigurationFault.query)
        // A node that is cut off from its cluster, or rejects queries, rejects every statement that reads a table.
        reading = .reading(connection, "SELECT COUNT(*) FROM orbia_conversation WHERE id = 0")
        // This call takes the locks of a write, finds no conversation and changes nothing.
        writing = Statement(connection, Routine.markRead.call("0, 0, NULL, NULL"))
    }

    var isStale: Bool { connection.isStale }

    /// Runs the statements, and returns the fault that they show; nil where the host can do what requests ask.
    ///
    /// - Parameter answered: called each time that the host has answered.
    func run(answered: () -> Void) throws(DatabaseError) -> HostFault? {
        connection.deadline = .now + timeout
        let readError = try error(of: reading)
        answered()
        if let readError, case .hostFault(let kind) = readError.meaning { return HostFault(kind, readError) }
        // Whether an account whose rights are gone is still let in, only a new connection tells.
        if let readError, readError.code == .tableAccessDenied, runs > 0 { throw readError }
        if runs % Self.runsPerReadOfVariables == 0 || !configurationFaults.isEmpty { try readVariables() }
        runs += 1
        if let fault = configurationFaults.first {
            let error = DatabaseError(code: .optionPreventsStatement, sqlState: "HY000", message: fault.problem)
            return HostFault(fault.kind, error)
        }
        connection.deadline = nil
        guard let writeError = try error(of: writing) else { return nil }
        answered()
        switch writeError.meaning {
        case .hostFault(let kind): return HostFault(kind, writeError)
        case .lockConflict, .stopped: return HostFault(.writesBlocked, writeError)
        default: return nil
        }
    }

    private func readVariables() throws(DatabaseError) {
        configurationFaults = ServerConfigurationFault.all(in: try variables.rows())
    }

    /// Runs a statement, and returns the error that the host answers with. Throws where the host does not answer.
    private func error(of statement: Statement<ProbeRow>) throws(DatabaseError) -> DatabaseError? {
        do throws(DatabaseError) {
            _ = try statement.rows()
            return nil
        } catch {
            guard error.meaning != .connectionLost else { throw error }
            _ = connection.rollBack()
            return error
        }
    }
}

/// A row of a probe's answer, whose columns do not matter.
private struct ProbeRow: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {}
}
