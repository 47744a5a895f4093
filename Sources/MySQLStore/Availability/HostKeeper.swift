// The health check of one of the database's hosts.

public import Runtime

/// Probes one host on a connection of its own, and records what it finds. Each host has a keeper with a thread, so that
/// a host that does not answer does not hold up the probes of the others.
public final class HostKeeper {
    private let hosts: DatabaseHosts
    private let host: Int
    private var probe: HostProbe?

    /// The time between two probes of a healthy host.
    private static let interval = Interval.seconds(1)
    /// The time between two probes of a faulty host, which is used again once a probe finds it healthy.
    private static let intervalWhenFaulty = Interval.milliseconds(250)

    /// - Parameter host: the host's index in `MYSQL_HOST`, from 0.
    public init(_ hosts: DatabaseHosts, host: Int) {
        self.hosts = hosts
        self.host = host
    }

    /// Probes the host once, and records what it finds.
    ///
    /// - Returns: how long to wait before the next call.
    public func checkHost() -> Interval {
        let start = Instant.now
        do throws(DatabaseError) {
            let open = try openProbe()
            let fault = try open.run { hosts.recordAnswer(from: host) }
            hosts.recordConfigurationFaults(open.configurationFaults, of: host)
            if let fault {
                hosts.recordFault(fault, of: host, since: start)
            } else {
                hosts.recordHealthy(host)
            }
        } catch {
            let isNew = probe == nil
            probe = nil
            record(error, since: start, whileConnecting: isNew)
        }
        return hosts.statuses[host].fault == nil ? Self.interval : Self.intervalWhenFaulty
    }

    private func openProbe() throws(DatabaseError) -> HostProbe {
        if let probe, !probe.isStale { return probe }
        probe = nil
        let opened = HostProbe(try hosts.open(host, for: .requests), timeout: timeout)
        probe = opened
        return opened
    }

    /// How long the host may take to answer a statement of the probe. Where there is no other host, it is as long as
    /// requests wait for an answer: to give up earlier would refuse requests that the host may still answer in time.
    private var timeout: Interval {
        let settings = hosts.settings
        return hosts.hasAlternatives ? settings.connectTimeout : max(settings.connectTimeout, settings.answerTimeout)
    }

    private func record(_ error: DatabaseError, since start: Instant, whileConnecting: Bool) {
        // Connecting has a shorter time-out of its own than a statement.
        let limit = whileConnecting ? hosts.settings.connectTimeout : timeout
        let isSilent = hosts.isSilent(host, since: start, limit: limit)
        if whileConnecting || isSilent || error.meaning == .hostFault(.rejecting) {
            hosts.recordFault(error.connectFault(isSilent: isSilent), of: host, since: start)
        } else if case .hostFault(let kind) = error.meaning {
            hosts.recordFault(HostFault(kind, error), of: host, since: start)
        }
        // A connection that an administrator has killed shows no fault; the next probe makes another one.
    }
}
