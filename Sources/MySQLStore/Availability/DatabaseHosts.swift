// Which of the database's hosts is used, as all workers of a process know it together.

internal import Synchronization

/// The hosts, in the order in which they are preferred, and which of them are out.
///
/// All workers use the first host that is not out, so that writers of one conversation meet in one
/// place. A host goes out when a connection to it cannot be made or stands still, or when it says that
/// it may not write; it is back when `probe` finds it well. The only host is never out: there is nothing
/// to go to in its place.
public final class DatabaseHosts: Sendable {
    let settings: DatabaseSettings
    private let states: [State]
    private let changes = Mutex<[Change]>([])

    private final class State: Sendable {
        let isOut = Atomic(false)
        let health: DatabaseHealth

        init(deadline: Interval) {
            health = DatabaseHealth(deadline: deadline)
        }
    }

    /// All hosts are thought to be well.
    public init(_ settings: DatabaseSettings) {
        self.settings = settings
        states = settings.addresses.map { _ in State(deadline: settings.deadline) }
    }

    /// Whether there is another host to go to.
    var hasAlternatives: Bool { states.count > 1 }

    func health(of host: Int) -> DatabaseHealth {
        states[host].health
    }

    /// The hosts to be tried, in this order. Where all are out, all of them: one must be the first to be
    /// back.
    var candidates: [Int] {
        let usable = states.indices.filter { !states[$0].isOut.load(ordering: .relaxed) }
        return usable.isEmpty ? Array(states.indices) : usable
    }

    /// Whether a session with a host is to be kept: no other is to be tried before it.
    func isFirstChoice(_ host: Int) -> Bool {
        let isOut = states[host].isOut.load(ordering: .relaxed)
        // The first host, and not out: nearly always.
        return host == 0 && !isOut || candidates.first == host
    }

    /// Called for a host that cannot be used.
    func putOut(_ host: Int) {
        if hasAlternatives { note(host, isOut: true) }
    }

    /// Called for a host that was used.
    func putIn(_ host: Int) {
        if hasAlternatives { note(host, isOut: false) }
    }

    private func note(_ host: Int, isOut: Bool) {
        guard states[host].isOut.exchange(isOut, ordering: .relaxed) != isOut else { return }
        changes.withLock { $0.append(Change(address: settings.addresses[host], isOut: isOut)) }
    }

    /// Looks whether hosts that are out can be used again. Takes up to a connection's time-out for each.
    public func probe() {
        for (host, state) in states.enumerated() where state.isOut.load(ordering: .relaxed) {
            do {
                let connection = try Connection(settings, host: host, for: .requests, until: .now + settings.deadline)
                // A node that is cut off from its cluster answers nothing that needs a table.
                _ = try Statement<ProbeRow>(connection, "SELECT COUNT(*) FROM orbia_conversation WHERE id = 0").rows()
                state.health.answered()
                putIn(host)
            } catch {
                // It stays out.
            }
        }
    }

    /// What has become of hosts.
    public struct Change: Sendable {
        /// The host's address.
        public let address: DatabaseAddress
        /// It went out; else it is back.
        public let isOut: Bool
    }

    /// What has become of hosts since this was asked for the last time.
    public func takeChanges() -> [Change] {
        changes.withLock { changes in
            defer { changes = [] }
            return changes
        }
    }
}

/// What a probe reads, and does not look at.
private struct ProbeRow: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {}
}
