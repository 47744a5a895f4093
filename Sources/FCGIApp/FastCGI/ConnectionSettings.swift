// What holds for all connections of a listener.

import Runtime

/// The limits of connections, and how requests that write are known.
struct ConnectionSettings: Sendable {
    /// The parameters of requests that write, each with its name and value as a web server sends them.
    var writingParameters: [[UInt8]] = []
    /// Bytes of the largest body that is taken.
    var bodyLimit: Int
    /// How long a peer may keep a worker waiting that has an answer for it.
    var sendTimeout: Interval
}

extension ConnectionSettings {
    /// - Parameter paths: of requests that write, each of fewer than 128 bytes.
    init(bodyLimit: Int, sendTimeout: Interval, writingPaths paths: [String]) {
        self.init(bodyLimit: bodyLimit, sendTimeout: sendTimeout)
        let name = "SCRIPT_NAME"
        writingParameters = paths.map { path in
            // Both lengths in a byte each (FastCGI specification, section 3.4).
            [UInt8(name.utf8.count), UInt8(path.utf8.count)] + Array(name.utf8) + Array(path.utf8)
        }
    }
}
