// Why a host of the database is not used.

/// What is wrong with a host, and how that became known.
public struct HostFault: Hashable, Sendable {
    /// The kinds of faults, the least one first.
    public enum Kind: Int, Comparable, Sendable {
        /// It takes no writes: read_only, or a replica.
        case readOnly
        /// Its configuration does not let the service write; `ServerConfigurationFault` says why.
        case unsuitable
        /// All writes wait for a lock: FLUSH TABLES WITH READ LOCK, a state transfer, an ALTER.
        case writesBlocked
        /// Its disk or its memory is full.
        case exhausted
        /// It has as many connections as it may.
        case full
        /// It does not let the service's account in.
        case denied
        /// It rejects every statement: a node outside of its cluster's primary component, or one with
        /// wsrep_reject_queries.
        case rejecting
        /// It cannot be connected to.
        case unreachable
        /// It accepts connections or statements, and does not answer.
        case silent

        /// Whether the first leaves more of the service working.
        public static func < (less: Kind, more: Kind) -> Bool { less.rawValue < more.rawValue }

        /// Whether every request to the host would fail, so that none is made even where there is no better host.
        var forbidsRequests: Bool { self >= .rejecting }
    }

    /// What is wrong with the host.
    public var kind: Kind
    /// The error of the host, or of the client library, that has shown it.
    public var error: DatabaseError

    init(_ kind: Kind, _ error: DatabaseError) {
        self.kind = kind
        self.error = error
    }
}

extension HostFault: CustomStringConvertible {
    /// A sentence for the log, with the error.
    public var description: String {
        let text =
            switch kind {
            case .readOnly: "it takes no writes"
            case .unsuitable: "its configuration does not suit"
            case .writesBlocked: "all writes to it wait for a lock"
            case .exhausted: "it has no room left"
            case .full: "it takes no more connections"
            case .denied: "it does not let the account in"
            case .rejecting: "it rejects statements"
            case .unreachable: "it cannot be reached"
            case .silent: "it does not answer"
            }
        return "\(text) (\(error))"
    }
}
