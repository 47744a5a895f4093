// The hosts of the database, as all threads of a process know them together.

public import Runtime
internal import Synchronization

/// Which host is used, and what is known of each: `HostTable`, shared. Workers, the back-fill and readiness ask it
/// which host to use and tell it what they meet with; a `HostKeeper` for each host probes it.
///
/// Nearly always all is well, and a request costs two relaxed atomics here: it reads the choice, and notes when
/// the host answered.
public final class DatabaseHosts: Sendable {
    let settings: DatabaseSettings
    /// The host that is used, or -1 where requests are to fail at once. A copy of what the table decides.
    private let chosen = Atomic(0)
    private let lastAnswers: [LastAnswer]
    private let shared: Lock<Shared>
    private let readBreakers = ReadBreakers()

    private struct Shared: ~Copyable {
        var table: HostTable
        var changes: [Change] = []
        var configurationFaults: [[ServerConfigurationFault]]
        var connections = RequestConnections()
    }

    /// When a host last answered anybody, with whatever it was.
    private final class LastAnswer: Sendable {
        let nanoseconds = Atomic(Int64.min)
    }

    /// All hosts are thought to be well.
    public init(_ settings: DatabaseSettings) {
        self.settings = settings
        let count = settings.addresses.count
        lastAnswers = settings.addresses.map { _ in LastAnswer() }
        shared = Lock(
            Shared(table: HostTable(count: count, at: .now), configurationFaults: Array(repeating: [], count: count))
        )
    }

    /// Whether there is another host to go to.
    var hasAlternatives: Bool { settings.addresses.count > 1 }

    // MARK: Which host

    var choice: HostTable.Choice {
        let host = chosen.load(ordering: .relaxed)
        return host >= 0 ? .use(host) : shared.withLock { $0.table.choice }
    }

    /// The host to use.
    func host() throws(DatabaseError) -> Int {
        switch choice {
        case .use(let host): return host
        case .refuse(_, let fault): throw .notAsked(fault)
        }
    }

    // MARK: What was observed

    /// Called when a host has answered, be it with an error.
    func answered(_ host: Int) {
        lastAnswers[host].nanoseconds.store(Instant.now.nanoseconds, ordering: .relaxed)
    }

    /// Called for an attempt that waited for a host's answer in vain: whether the host is silent.
    ///
    /// - Parameter limit: how long a host that is well may take.
    func isSilent(_ host: Int, since start: Instant, limit: Interval) -> Bool {
        let last = Instant(nanoseconds: lastAnswers[host].nanoseconds.load(ordering: .relaxed))
        return HostTable.isSilent(since: start, at: .now, limit: limit, lastAnswer: last)
    }

    /// Called when a host, or the way to it, has failed an attempt that began at `start`. A host that has
    /// answered somebody since then can be reached.
    func found(_ fault: HostFault, of host: Int, since start: Instant) {
        let last = lastAnswers[host].nanoseconds.load(ordering: .relaxed)
        if fault.kind >= .unreachable, last >= start.nanoseconds { return }
        update { shared, now in
            shared.table.found(fault, of: host, at: now)
        }
    }

    /// Called when a probe has found a host well.
    func foundWell(_ host: Int) {
        update { shared, now in shared.table.foundWell(host, at: now) }
    }

    /// Called with what a host is configured to that keeps the service from writing there.
    func note(_ configurationFaults: [ServerConfigurationFault], of host: Int) {
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
            // Behind the choice: whoever is released looks where to go.
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

    /// Called when a connection serves requests from now on: where its host falls silent and another one is
    /// well, whoever waits on it is told at once.
    func opened(_ connection: Connection, to host: Int) {
        shared.withLock { $0.connections.add(connection, to: host) }
    }

    /// Called before it is closed.
    func willClose(_ connection: Connection) {
        shared.withLock { $0.connections.remove(connection) }
    }

    // MARK: Tables that are locked

    /// Called before a read: whether it may be tried.
    func mayRead(_ kind: ReadKind) -> Bool { readBreakers.admits(kind) }

    /// Called after a read: whether its tables were locked.
    func read(_ kind: ReadKind, wasLockedOut: Bool) { readBreakers.note(kind, wasLockedOut: wasLockedOut) }

    // MARK: For people

    /// What has become of a host.
    public struct Change: Sendable {
        /// The host's address.
        public let address: DatabaseAddress
        /// What is wrong with it; nil: it is well again.
        public let fault: HostFault?
        /// How long it was as it was before.
        public let lasted: Interval
        /// Requests go to it all the same: there is no better one.
        public let isStillUsed: Bool
    }

    /// What has become of hosts since this was asked for the last time.
    public func takeChanges() -> [Change] {
        shared.withLock { shared in
            defer { shared.changes = [] }
            return shared.changes
        }
    }

    /// A host as it is now.
    public struct Status: Sendable {
        /// Its address.
        public let address: DatabaseAddress
        /// A probe has found it well or not; false until the first one has ended.
        public let isKnown: Bool
        /// What is wrong with it; nil for nothing.
        public let fault: HostFault?
        /// Requests go to it.
        public let isInUse: Bool
        /// Parts of the host's configuration that keep the service from writing there.
        public let configurationFaults: [ServerConfigurationFault]
    }

    /// All hosts, in the order of preference.
    public var statuses: [Status] {
        shared.withLock { shared in
            shared.table.hosts.indices.map { index in
                let host = shared.table.hosts[index]
                return Status(
                    address: settings.addresses[index],
                    isKnown: host.condition != .unknown,
                    fault: host.fault,
                    isInUse: shared.table.choice == .use(index),
                    configurationFaults: shared.configurationFaults[index]
                )
            }
        }
    }
}

extension DatabaseError {
    /// Nothing was asked, since no host could do it.
    static func notAsked(_ fault: HostFault) -> DatabaseError {
        DatabaseError(code: fault.error.code, sqlState: fault.error.sqlState, message: "not asked: \(fault)")
    }
}
