// Which of the database's hosts is used, decided from what was observed of each.

internal import Runtime

/// The hosts in the order in which they are preferred, what is known of each, and which one is used. A value
/// without clock or I/O: observations and times go in, a choice comes out.
///
/// All workers use the same host, so that writers of one conversation meet in one place: the first one that is
/// well. Where none is, the one with the least fault, unless nothing asked of it could succeed; then requests are
/// refused at once, until a probe finds a host well.
struct HostTable {
    /// What is known of a host.
    enum Condition: Hashable {
        /// Nothing yet; it is taken to be well.
        case unknown
        case well
        /// A probe found it well again; it is used from this time on, or earlier where there is no other one.
        case returning(Instant)
        case out(HostFault)
    }

    struct Host {
        var condition = Condition.unknown
        /// Since when it is well, or out.
        var since: Instant
        /// How long its next return is held up.
        var holdUp = Interval.zero
    }

    /// What requests are to do.
    enum Choice: Hashable {
        /// Use this host.
        case use(Int)
        /// Fail at once: this is what keeps the best host from being used.
        case refuse(Int, HostFault)
    }

    /// A host that has gone out, or is back.
    struct Change: Hashable {
        var host: Int
        /// nil: it is back.
        var fault: HostFault?
        /// How long it was in its state before.
        var lasted: Interval
    }

    private(set) var hosts: [Host]

    /// A host that goes out again so soon after its return is held up the next time it returns: one that
    /// comes and goes would take everybody's connections with it each time.
    static let settled = Interval.seconds(60)
    private static let shortestHoldUp = Interval.seconds(1)
    private static let longestHoldUp = Interval.seconds(32)

    init(count: Int, at now: Instant) {
        hosts = Array(repeating: Host(since: now), count: count)
    }

    // MARK: What was observed

    /// A probe found the host able to do what requests ask.
    mutating func foundWell(_ host: Int, at now: Instant) -> Change? {
        switch hosts[host].condition {
        case .well:
            return nil
        case .unknown:
            hosts[host].condition = .well
            return nil
        case .returning(let time):
            guard time <= now else { return nil }
        case .out:
            let time = hosts[host].since + hosts[host].holdUp
            guard time <= now || !hasWell(besides: host) else {
                hosts[host].condition = .returning(time)
                return nil
            }
        }
        let lasted = now - hosts[host].since
        hosts[host].condition = .well
        hosts[host].since = now
        return Change(host: host, fault: nil, lasted: lasted)
    }

    /// A probe or a request met with a fault of the host's.
    mutating func found(_ fault: HostFault, of host: Int, at now: Instant) -> Change? {
        switch hosts[host].condition {
        case .out(let known):
            hosts[host].condition = .out(fault)
            return known.kind == fault.kind ? nil : Change(host: host, fault: fault, lasted: now - hosts[host].since)
        case .returning:
            hosts[host].condition = .out(fault)
            return nil
        case .unknown, .well:
            let lasted = now - hosts[host].since
            if hosts[host].condition == .well, lasted < Self.settled {
                hosts[host].holdUp = min(max(hosts[host].holdUp * 2, Self.shortestHoldUp), Self.longestHoldUp)
            } else {
                hosts[host].holdUp = .zero
            }
            hosts[host].condition = .out(fault)
            hosts[host].since = now
            return Change(host: host, fault: fault, lasted: lasted)
        }
    }

    // MARK: What follows

    var choice: Choice {
        if let well = hosts.firstIndex(where: { $0.isWell }) { return .use(well) }
        if let returning = hosts.firstIndex(where: { $0.fault == nil }) { return .use(returning) }
        let faults = hosts.compactMap(\.fault)
        // The first of those with the least fault.
        guard let least = faults.indices.min(by: { faults[$0].kind < faults[$1].kind }) else { return .use(0) }
        return faults[least].kind.forbidsRequests ? .refuse(least, faults[least]) : .use(least)
    }

    private func hasWell(besides host: Int) -> Bool {
        hosts.indices.contains { $0 != host && hosts[$0].isWell }
    }

    /// Whether a host has been silent: it was waited for in vain for `limit` or longer, and nobody else was
    /// answered meanwhile. Who waited for less, since its own time was short, knows nothing about the host.
    static func isSilent(since start: Instant, at now: Instant, limit: Interval, lastAnswer: Instant) -> Bool {
        now - start >= limit - clockTolerance && lastAnswer < start
    }

    /// libmariadb measures time-outs in whole milliseconds; a wait may end this much early.
    static let clockTolerance = Interval.milliseconds(20)
}

extension HostTable.Host {
    var isWell: Bool { condition == .well || condition == .unknown }

    /// What keeps it from being used; nil where a probe, or nobody yet, has found anything.
    var fault: HostFault? {
        if case .out(let fault) = condition { return fault }
        return nil
    }
}
