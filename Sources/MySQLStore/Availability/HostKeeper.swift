// The one that finds out whether a host of the database can do what requests ask of it.

public import Runtime

/// Probes one host, on a connection of its own. Each host has a keeper, with a thread: one that does not answer
/// keeps nobody from looking at the others.
public final class HostKeeper {
    private let hosts: DatabaseHosts
    private let host: Int
    private var probe: HostProbe?

    /// How long to wait between two looks.
    private static let interval = Interval.seconds(1)
    /// … at a host that is not well: it is used again as soon as it is.
    private static let intervalWhenOut = Interval.milliseconds(250)

    /// - Parameter host: its place in `MYSQL_HOST`, from 0.
    public init(_ hosts: DatabaseHosts, host: Int) {
        self.hosts = hosts
        self.host = host
    }

    /// Looks at the host once, tells all others, and gives how long to wait before the next look.
    public func checkHost() -> Interval {
        let start = Instant.now
        do throws(DatabaseError) {
            let open = try openProbe()
            let fault = try open.fault { hosts.answered(host) }
            hosts.note(open.configurationFaults, of: host)
            if let fault {
                hosts.found(fault, of: host, since: start)
            } else {
                hosts.foundWell(host)
            }
        } catch {
            let isNew = probe == nil
            probe = nil
            note(error, since: start, inConnecting: isNew)
        }
        return hosts.statuses[host].fault == nil ? Self.interval : Self.intervalWhenOut
    }

    private func openProbe() throws(DatabaseError) -> HostProbe {
        if let probe, !probe.isStale { return probe }
        probe = nil
        let opened = HostProbe(try Connection(hosts.settings, host: host, for: .requests), timeout: timeout)
        hosts.answered(host)
        probe = opened
        return opened
    }

    /// How long a host may be silent. Where there is no other one to go to, not shorter than requests wait for it.
    private var timeout: Interval {
        let settings = hosts.settings
        return hosts.hasAlternatives ? settings.connectTimeout : max(settings.connectTimeout, settings.readTimeout)
    }

    private func note(_ error: DatabaseError, since start: Instant, inConnecting: Bool) {
        let isSilent = hosts.isSilent(host, since: start, limit: timeout)
        if inConnecting || isSilent || error.meaning == .hostFault(.rejecting) {
            hosts.found(error.faultInConnecting(isSilent: isSilent), of: host, since: start)
        } else if case .hostFault(let kind) = error.meaning {
            hosts.found(HostFault(kind, error), of: host, since: start)
        }
        // A connection that somebody has killed says nothing; the next look makes another one.
    }
}

/// A connection with the statements that show what a host can do.
private final class HostProbe {
    private let connection: Connection
    private let timeout: Interval
    private let variables: Statement<VariableRow>
    private let reading: Statement<ProbeRow>
    private let writing: Statement<ProbeRow>
    private var looks = 0
    private(set) var configurationFaults: [ServerConfigurationFault] = []

    /// What others do to the server's variables is noticed after so many looks.
    private static let looksBetweenVariables = 5

    init(_ connection: Connection, timeout: Interval) {
        self.connection = connection
        self.timeout = timeout
        variables = Statement(connection, ServerConfigurationFault.query)
        // A node that is cut off from its cluster, or rejects queries, answers nothing that needs a table.
        reading = .reading(connection, "SELECT COUNT(*) FROM orbia_conversation WHERE id = 0")
        // What a write would be told: it locks as a write does, finds nobody, and changes nothing.
        writing = Statement(connection, "CALL orbia_mark_read(0, 0, NULL, NULL)")
    }

    var isStale: Bool { connection.isStale }

    /// What keeps the host from doing what requests ask.
    ///
    /// - Parameter answered: called whenever it has answered.
    func fault(answered: () -> Void) throws(DatabaseError) -> HostFault? {
        connection.deadline = .now + timeout
        let readError = try error(of: reading)
        answered()
        if let readError, case .hostFault(let kind) = readError.meaning { return HostFault(kind, readError) }
        if looks % Self.looksBetweenVariables == 0 || !configurationFaults.isEmpty { try readVariables() }
        looks += 1
        if let fault = configurationFaults.first {
            let error = DatabaseError(code: .optionPreventsStatement, sqlState: "HY000", message: fault.problem)
            return HostFault(fault.kind, error)
        }
        connection.deadline = nil
        guard let writeError = try error(of: writing) else { return nil }
        answered()
        switch writeError.meaning {
        case .hostFault(let kind): return HostFault(kind, writeError)
        case .undone, .stopped: return HostFault(.writesBlocked, writeError)
        default: return nil
        }
    }

    private func readVariables() throws(DatabaseError) {
        let rows = try variables.rows()
        configurationFaults = ServerConfigurationFault.all(
            in: Dictionary(rows.map { ($0.name, $0.value) }) { first, _ in first }
        )
    }

    /// The error that a statement is answered with; thrown where it is not answered.
    private func error(of statement: Statement<ProbeRow>) throws(DatabaseError) -> DatabaseError? {
        do throws(DatabaseError) {
            _ = try statement.rows()
            return nil
        } catch {
            guard error.meaning != .lost else { throw error }
            _ = connection.rollBack()
            return error
        }
    }
}

/// What a probe reads, and does not look at.
private struct ProbeRow: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {}
}
