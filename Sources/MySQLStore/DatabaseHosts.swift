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

    /// Whether a host is to be left for one that is preferred to it.
    func isOutranked(_ host: Int) -> Bool {
        // The first one never is, and nearly all sessions are there.
        host > 0 && states[..<host].contains { !$0.isOut.load(ordering: .relaxed) }
    }

    /// Called for a host that cannot be used.
    func putOut(_ host: Int) {
        if hasAlternatives { states[host].isOut.store(true, ordering: .relaxed) }
    }

    /// Looks whether hosts that are out can be used again. Takes up to a connection's time-out for each.
    public func probe() {
        for (host, state) in states.enumerated() where state.isOut.load(ordering: .relaxed) {
            do {
                let connection = try Connection(settings, host: host, for: .requests)
                // A node that is cut off from its cluster answers nothing that needs a table.
                _ = try Statement<ProbeRow>(connection, "SELECT COUNT(*) FROM orbia_conversation WHERE id = 0").rows()
                state.isOut.store(false, ordering: .relaxed)
            } catch {
                // It stays out.
            }
        }
    }

    /// The addresses of the hosts that are out.
    public var out: [DatabaseAddress] {
        zip(settings.addresses, states).filter { $1.isOut.load(ordering: .relaxed) }.map(\.0)
    }
}

/// What a probe reads, and does not look at.
private struct ProbeRow: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {}
}
