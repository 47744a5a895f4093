// How many descriptors the process may have open.

import Glibc

/// Why a setting cannot be kept to on this machine.
struct DescriptorLimitError: Error, CustomStringConvertible {
    let description: String
}

enum DescriptorLimit {
    /// Descriptors beside those of connections: listeners, logs, one for each worker's database
    /// connection, and some to spare.
    private static let others = 64

    /// Sees to it that so many connections can be open beside the workers' own.
    static func raise(forConnections connections: Int, workers: Int) throws {
        let needed = rlim_t(connections + workers + others)
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        if limit.rlim_cur >= needed { return }
        limit.rlim_cur = needed
        limit.rlim_max = max(limit.rlim_max, needed)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            throw DescriptorLimitError(
                description: """
                    ORBIA_CONNECTIONS is \(connections), but the process may open \(limit.rlim_max) descriptors: \
                    raise that to \(needed) (LimitNOFILE= of systemd, ulimit -n), or lower ORBIA_CONNECTIONS
                    """
            )
        }
    }
}
