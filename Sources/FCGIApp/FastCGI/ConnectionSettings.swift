// What holds for all connections of a listener.

import Runtime

/// The limits of connections, and how requests of a kind are known.
struct ConnectionSettings: Sendable {
    /// The parameters of requests that write, each with its name and value as a web server sends them.
    var writingParameters: [[UInt8]] = []
    /// The parameters of requests that search, likewise.
    var searchingParameters: [[UInt8]] = []
    /// Bytes of the largest body that is taken.
    var bodyLimit: Int
    /// How long a peer may keep a worker waiting that has an answer for it.
    var sendTimeout: Interval
}

extension ConnectionSettings {
    /// - Parameters:
    ///   - writingPaths: of requests that write, each of fewer than 128 bytes.
    ///   - searchingPaths: of requests that search, likewise.
    init(bodyLimit: Int, sendTimeout: Interval, writingPaths: [String], searchingPaths: [String] = []) {
        self.init(bodyLimit: bodyLimit, sendTimeout: sendTimeout)
        writingParameters = Self.parameters(of: writingPaths)
        searchingParameters = Self.parameters(of: searchingPaths)
    }

    private static func parameters(of paths: [String]) -> [[UInt8]] {
        let name = "SCRIPT_NAME"
        return paths.map { path in
            // Both lengths in a byte each (FastCGI specification, section 3.4).
            [UInt8(name.utf8.count), UInt8(path.utf8.count)] + Array(name.utf8) + Array(path.utf8)
        }
    }
}
