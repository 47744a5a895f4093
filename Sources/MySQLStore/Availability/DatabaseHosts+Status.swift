// What the log, readiness and metrics tell of the database's hosts.

public import Runtime

extension DatabaseHosts {
    /// A host that has become faulty, or healthy again.
    public struct Change: Sendable {
        /// The host's address.
        public let address: DatabaseAddress
        /// The host's fault; nil where it is healthy again.
        public let fault: HostFault?
        /// How long its state before has lasted.
        public let lasted: Interval
        /// Whether requests go to the host, despite its fault where it has one.
        public let isStillUsed: Bool
    }

    /// Returns the changes since the last call, in their order.
    public func takeChanges() -> [Change] {
        shared.withLock { shared in
            defer { shared.changes = [] }
            return shared.changes
        }
    }

    /// The present state of a host.
    public struct Status: Sendable {
        /// The host's address.
        public let address: DatabaseAddress
        /// Whether a probe, or a request, has shown how the host is.
        public let isKnown: Bool
        /// The host's fault; nil where none is known.
        public let fault: HostFault?
        /// Whether requests go to the host.
        public let isInUse: Bool
        /// Parts of the host's configuration that keep the service from writing there.
        public let configurationFaults: [ServerConfigurationFault]
        /// How often the host has become faulty, since the start of the process.
        public let faultCount: Int
        /// When the host's certificate ends, in seconds since 1970; nil where that is not known, and without TLS.
        public let certificateEnd: Int64?
    }

    /// The states of all hosts, in the order of preference.
    public var statuses: [Status] {
        shared.withLock { shared in
            shared.table.hosts.indices.map { index in
                let host = shared.table.hosts[index]
                return Status(
                    address: settings.addresses[index],
                    isKnown: host.condition != .unknown,
                    fault: host.fault,
                    isInUse: shared.table.choice == .use(index),
                    configurationFaults: shared.configurationFaults[index],
                    faultCount: shared.faultCounts[index],
                    certificateEnd: shared.certificateEnds[index]
                )
            }
        }
    }
}
