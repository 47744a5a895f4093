// The decision which of the database's hosts is used.

internal import Runtime

/// The hosts in the order in which they are preferred, with what is known of each, and which one is used. It is a value
/// without clock or I/O: observations and times go in, a choice comes out.
///
/// All workers use the same host, so that the writers of one conversation meet in one place. It is the first one that
/// is healthy. Where none is, it is the one with the least fault, unless nothing asked of that one could succeed: then
/// requests are refused at once, until a probe finds a host healthy.
struct HostTable {
    /// The state of a host.
    enum Condition: Hashable {
        /// No probe has ended yet. The host is taken to be healthy.
        case unknown
        case healthy
        /// A probe has found it healthy again. It is used from this time on, or earlier where there is no other host.
        case recovering(Instant)
        case faulty(HostFault)
    }

    struct Host {
        var condition = Condition.unknown
        /// When it last became healthy or faulty.
        var since: Instant
        /// How long after its last fault it is used again at the earliest.
        var returnDelay = Interval.zero
    }

    /// What requests do.
    enum Choice: Hashable {
        /// Use this host.
        case use(Int)
        /// Fail at once, with the fault of the host that has the least one.
        case refuse(Int, HostFault)
    }

    /// A host that has become faulty, or healthy again.
    struct Change: Hashable {
        var host: Int
        /// nil where the host is healthy again.
        var fault: HostFault?
        /// How long its state before has lasted.
        var lasted: Interval
    }

    private(set) var hosts: [Host]

    /// A host that becomes faulty again within this time after its return is used again only after a delay. One that
    /// comes and goes would take all connections with it each time.
    static let stablePeriod = Interval.seconds(60)
    private static let shortestReturnDelay = Interval.seconds(1)
    private static let longestReturnDelay = Interval.seconds(32)

    init(count: Int, at now: Instant) {
        hosts = Array(repeating: Host(since: now), count: count)
    }

    // MARK: What was observed

    /// Records that a probe has found the host able to do what requests ask.
    mutating func recordHealthy(_ host: Int, at now: Instant) -> Change? {
        switch hosts[host].condition {
        case .healthy:
            return nil
        case .unknown:
            hosts[host].condition = .healthy
            return nil
        case .recovering(let time):
            guard time <= now else { return nil }
        case .faulty:
            let time = hosts[host].since + hosts[host].returnDelay
            guard time <= now || !hasHealthy(besides: host) else {
                hosts[host].condition = .recovering(time)
                return nil
            }
        }
        let lasted = now - hosts[host].since
        hosts[host].condition = .healthy
        hosts[host].since = now
        return Change(host: host, fault: nil, lasted: lasted)
    }

    /// Records a fault of the host that a probe or a request has met.
    mutating func recordFault(_ fault: HostFault, of host: Int, at now: Instant) -> Change? {
        switch hosts[host].condition {
        case .faulty(let known):
            hosts[host].condition = .faulty(fault)
            return known.kind == fault.kind ? nil : Change(host: host, fault: fault, lasted: now - hosts[host].since)
        case .recovering:
            hosts[host].condition = .faulty(fault)
            return nil
        case .unknown, .healthy:
            let lasted = now - hosts[host].since
            if hosts[host].condition == .healthy, lasted < Self.stablePeriod {
                hosts[host].returnDelay = min(
                    max(hosts[host].returnDelay * 2, Self.shortestReturnDelay),
                    Self.longestReturnDelay
                )
            } else {
                hosts[host].returnDelay = .zero
            }
            hosts[host].condition = .faulty(fault)
            hosts[host].since = now
            return Change(host: host, fault: fault, lasted: lasted)
        }
    }

    // MARK: What follows

    var choice: Choice {
        if let healthy = hosts.firstIndex(where: { $0.isHealthy }) { return .use(healthy) }
        if let recovering = hosts.firstIndex(where: { $0.fault == nil }) { return .use(recovering) }
        let faults = hosts.compactMap(\.fault)
        guard let least = faults.indices.min(by: { faults[$0].kind < faults[$1].kind }) else { return .use(0) }
        return faults[least].kind.forbidsRequests ? .refuse(least, faults[least]) : .use(least)
    }

    private func hasHealthy(besides host: Int) -> Bool {
        hosts.indices.contains { $0 != host && hosts[$0].isHealthy }
    }

    /// Whether a host has been silent: an attempt has waited for `limit` or longer without an answer, and no other one
    /// got an answer meanwhile. An attempt that waited for less, since its own time was short, shows nothing about the
    /// host.
    static func isSilent(since start: Instant, at now: Instant, limit: Interval, lastAnswer: Instant) -> Bool {
        now - start >= limit - clockTolerance && lastAnswer < start
    }

    /// libmariadb measures time-outs in whole milliseconds, so a wait may end this much early.
    static let clockTolerance = Interval.milliseconds(20)
}

extension HostTable.Host {
    var isHealthy: Bool { condition == .healthy || condition == .unknown }

    /// The fault that keeps the host from being used; nil where none is known.
    var fault: HostFault? {
        if case .faulty(let fault) = condition { return fault }
        return nil
    }
}
