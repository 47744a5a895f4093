// The handler that swift-log gives the service's messages to.

import Logging

/// Hands what a `Logger` is given to the `ServiceLog`.
struct ServiceLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    private let log: ServiceLog

    /// The metadata's key for a message's cause, which is not written.
    fileprivate static let cause = "cause"

    init(_ log: ServiceLog, level: Logger.Level) {
        self.log = log
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata.merging(metadataProvider?.get() ?? [:]) { $1 }.merging(event.metadata ?? [:]) { $1 }
        let cause = all.removeValue(forKey: Self.cause).map { "\($0)" }
        let pairs = all.sorted { $0.key < $1.key }.map { (name: $0.key, value: "\($0.value)") }
        log.log(LogMessage(event.level, "\(event.message)", pairs), cause: cause)
    }
}

extension Logger {
    /// Logs an error that may come with every request. Of those with the same cause one is written, and then
    /// every ten seconds how many more there were.
    ///
    /// - Parameter cause: the kind of error, without what differs from one to the next, such as ids.
    func error(_ message: Logger.Message, cause: String, metadata: Logger.Metadata = [:]) {
        error(message, metadata: metadata.merging([ServiceLogHandler.cause: "\(cause)"]) { $1 })
    }

    /// Logs a warning that may come with every request, as `error(_:cause:metadata:)` does an error.
    func warning(_ message: Logger.Message, cause: String, metadata: Logger.Metadata = [:]) {
        warning(message, metadata: metadata.merging([ServiceLogHandler.cause: "\(cause)"]) { $1 })
    }
}
