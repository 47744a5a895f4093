// The database's hosts, shared by all threads of a process.

internal import Runtime
internal import Synchronization

/// Which host is used, and what is known of each: a `HostTable` behind a lock. Workers, the back-fill and readiness ask
/// it which host to use, and record what they observe; a `HostKeeper` for each host probes that host.
///
/// While all is well, a request costs two relaxed atomics here: it reads the choice, and records when the host
/// answered.
public final class DatabaseHosts: Sendable {
    let settings: DatabaseSettings
    /// The index of the host that is used, or -1 where requests fail at once: a copy of the table's choice.
    private let chosen = Atomic(0)
    private let lastAnswers: [LastAnswer]
    let shared: Lock<Shared>
    private let readBreakers = ReadBreakers()

    struct Shared: ~Copyable {
        var table: HostTable
        var changes: [Change] = []
        var configurationFaults: [[ServerConfigurationFault]]
        /// How often each host has become faulty.
        var faultCounts: [Int]
        /// When each host's certificate ends, in seconds since 1970; nil where that is not known.
        var certificateEnds: [Int64?]
        var connections = RequestConnections()
    }

    /// When a host last answered any thread, be it with an error.
    private final class LastAnswer: Sendable {
        let nanoseconds = Atomic(Int64.min)
    }

    /// Hosts of which nothing is known yet. They are taken to be healthy.
    public init(_ settings: DatabaseSettings) {
        self.settings = settings
        let count = settings.addresses.count
        lastAnswers = settings.addresses.map { _ in LastAnswer() }
        shared = Lock(
            Shared(
                table: HostTable(count: count, at: .now),
                configurationFaults: Array(repeating: [], count: count),
                faultCounts: Array(repeating: 0, count: count),
                certificateEnds: Array(repeating: nil, count: count)
            )
        )
    }

    var hasAlternatives: Bool { settings.addresses.count > 1 }

    // MARK: Which host

    /// The table's choice.
    var choice: HostTable.Choice {
        let host = chosen.load(ordering: .relaxed)
        return host >= 0 ? .use(host) : shared.withLock { $0.table.choice }
    }

    /// The index of the host to use; throws where requests are to fail at once.
    func host() throws(DatabaseError) -> Int {
        switch choice {
        case .use(let host): return host
        case .refuse(_, let fault): throw .notAsked(fault)
        }
    }

    // MARK: What was observed

    /// Records that a host has answered, be it with an error.
    func recordAnswer(from host: Int) {
        lastAnswers[host].nanoseconds.store(Instant.now.nanoseconds, ordering: .relaxed)
    }

    /// Whether a host is silent that has not answered an attempt.
    ///
    /// - Parameters:
    ///   - start: when the attempt began.
    ///   - limit: how long a healthy host may take.
    func isSilent(_ host: Int, since start: Instant, limit: Interval) -> Bool {
        let last = Instant(nanoseconds: lastAnswers[host].nanoseconds.load(ordering: .relaxed))
        return HostTable.isSilent(since: start, at: .now, limit: limit, lastAnswer: last)
    }

    /// Records a fault that an attempt has met, which began at `start`. A host that has answered another attempt since
    /// then can be reached, so it is no such fault.
    func recordFault(_ fault: HostFault, of host: Int, since start: Instant) {
        let last = lastAnswers[host].nanoseconds.load(ordering: .relaxed)
        if fault.kind >= .unreachable, last >= start.nanoseconds { return }
        update { shared, now in
            if shared.table.hosts[host].fault == nil { shared.faultCounts[host] += 1 }
            return shared.table.recordFault(fault, of: host, at: now)
        }
    }

    /// Records that a probe has found a host healthy.
    func recordHealthy(_ host: Int) {
        update { shared, now in shared.table.recordHealthy(host, at: now) }
    }

    /// Records the parts of a host's configuration that keep the service from writing.
    func recordConfigurationFaults(_ configurationFaults: [ServerConfigurationFault], of host: Int) {
        shared.withLock { $0.configurationFaults[host] = configurationFaults }
    }

    private func update(_ body: (inout Shared, Instant) -> HostTable.Change?) {
        shared.withLock { shared in
            let change = body(&shared, .now)
            let choice = shared.table.choice
            if case .use(let host) = choice {
                chosen.store(host, ordering: .relaxed)
            } else {
                chosen.store(-1, ordering: .relaxed)
            }
            guard let change else { return }
            // The choice is stored first: the threads whose wait ends here ask for it at once.
            if change.fault?.kind == .silent, case .use = choice { shared.connections.shutDown(to: change.host) }
            shared.changes.append(
                Change(
                    address: settings.addresses[change.host],
                    fault: change.fault,
                    lasted: change.lasted,
                    isStillUsed: choice == .use(change.host)
                )
            )
        }
    }

    // MARK: Connections

    /// Registers a connection that requests are served on. It is shut down where its host falls silent and another one
    /// is to be used, so that no request waits for the silent host any longer.
    func register(_ connection: Connection, to host: Int) {
        shared.withLock { $0.connections.add(connection, to: host) }
    }

    /// Ends the registration, before the connection is closed.
    func unregister(_ connection: Connection) {
        shared.withLock { $0.connections.remove(connection) }
    }

    // MARK: Tables that are locked

    /// Whether a read may be tried now.
    func mayRead(_ kind: ReadKind) -> Bool { readBreakers.admits(kind) }

    /// Records whether a read has found its tables locked.
    func recordRead(_ kind: ReadKind, wasLockedOut: Bool) { readBreakers.recordRead(kind, wasLockedOut: wasLockedOut) }
}

extension DatabaseError {
    /// No statement was sent, since no host could do it.
    static func notAsked(_ fault: HostFault) -> DatabaseError {
        DatabaseError(code: fault.error.code, sqlState: fault.error.sqlState, message: "not asked: \(fault)")
    }
}
