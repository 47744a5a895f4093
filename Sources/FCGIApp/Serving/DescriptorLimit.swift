// The number of descriptors that the process may have open.

import Glibc

/// The reason why there cannot be as many descriptors as the settings need.
struct DescriptorLimitError: Error, CustomStringConvertible {
    let description: String
}

enum DescriptorLimit {
    /// How many descriptors there are beside those of connections and workers: of listeners, logs and background threads,
    /// with some to spare.
    private static let others = 64

    /// Raises the process's limit so that there can be this many connections beside the workers' own.
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
