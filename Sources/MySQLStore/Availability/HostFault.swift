// Why a host of the database is not used.

/// What is wrong with a host, and how that became known.
public struct HostFault: Hashable, Sendable {
    /// What is wrong with a host, the least first.
    public enum Kind: Int, Comparable, Sendable {
        /// It takes no writes: read_only, or a replica.
        case readOnly
        /// Its configuration does not let the service write (see `ServerConfigurationFault`).
        case unsuitable
        /// All writes wait for a lock: FLUSH TABLES WITH READ LOCK, a state transfer, an ALTER.
        case writesBlocked
        /// Its disk or its memory is full.
        case exhausted
        /// It has as many connections as it may.
        case full
        /// It does not let the service's account in.
        case denied
        /// It answers, and does nothing: a node outside of its cluster's primary component, or one with
        /// wsrep_reject_queries.
        case rejecting
        /// It cannot be connected to.
        case unreachable
        /// It takes what it is sent, and does not answer.
        case silent

        /// Whether one leaves more to be used.
        public static func < (less: Kind, more: Kind) -> Bool { less.rawValue < more.rawValue }

        /// Where there is no better host, a request to this one would fail for sure: it is not made.
        var forbidsRequests: Bool { self >= .rejecting }
    }

    /// What is wrong.
    public var kind: Kind
    /// How the host, or the client library, has said so.
    public var error: DatabaseError

    init(_ kind: Kind, _ error: DatabaseError) {
        self.kind = kind
        self.error = error
    }
}

extension HostFault: CustomStringConvertible {
    /// For the log.
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
