// The thread that tells systemd of the service's state.

import Logging
import Runtime

/// Tells the service manager when the service is ready, what `systemctl status` is to show, when it stops, and, where
/// there is a watchdog, that its dispatcher lives.
struct ServiceNotifier {
    private let manager: ServiceManager
    private let source: StatusSource
    private let logger: Logger

    /// The time from one look at the service to the next, until it is ready and from then on.
    private static let intervalAtStart = Interval.milliseconds(50)
    private static let interval = Interval.seconds(1)
    /// By then it is ready whatever is known of the database: requests are answered, though with 503. A name server
    /// that does not answer must not keep systemd from starting what comes after the service.
    private static let longestStart = Interval.seconds(10)

    init(_ manager: ServiceManager, _ source: StatusSource, logger: Logger) {
        self.manager = manager
        self.source = source
        self.logger = logger
    }

    /// Ends once the manager knows that the service stops, which can be over before the next look.
    func run(until stop: StopSignal) {
        var notices = Notices()
        let latestStart = Instant.now + Self.longestStart
        repeat {
            tell(notices.next(source.readiness, mayStart: .now >= latestStart))
            if isAlive { tell(["WATCHDOG=1"]) }
        } while !stop.wait(for: notices.isReady ? interval : Self.intervalAtStart)
        tell(notices.next(Readiness(status: .draining), mayStart: false))
    }

    /// Twice as often as the watchdog wants, as sd_watchdog_enabled(3) advises.
    private var interval: Interval {
        min(manager.watchdogTimeout.map { $0 / 2 } ?? Self.interval, Self.interval)
    }

    /// Whether there is a watchdog, and what it watches is well: the thread that all requests pass.
    private var isAlive: Bool {
        manager.watchdogTimeout.map { source.dispatcher.lateness < $0 / 2 } ?? false
    }

    private func tell(_ assignments: [String]) {
        guard !assignments.isEmpty else { return }
        do {
            try manager.notify(assignments.joined(separator: "\n"))
        } catch {
            logger.error("\(error)", cause: "\(error)")
        }
    }

    /// What the manager has been told, and so what it has to be told next.
    struct Notices {
        private(set) var isReady = false
        private var isStopping = false
        private var status: String?

        /// The assignments that the service's state now calls for.
        ///
        /// - Parameter mayStart: whether the service counts as ready before all is known.
        mutating func next(_ readiness: Readiness, mayStart: Bool) -> [String] {
            var assignments: [String] = []
            if !isReady, mayStart || ![.starting, .draining].contains(readiness.status) {
                isReady = true
                assignments.append("READY=1")
            }
            if !isStopping, readiness.status == .draining {
                isStopping = true
                assignments.append("STOPPING=1")
            }
            let text = Self.text(of: readiness)
            if text != status {
                status = text
                assignments.append("STATUS=\(text)")
            }
            return assignments
        }

        /// A line; a newline within it would begin an assignment.
        private static func text(of readiness: Readiness) -> String {
            let word = readiness.status == .ready ? "ready" : readiness.status.rawValue
            let parts = [word, readiness.reason, readiness.remedy.map { "to mend it: \($0)" }]
            return parts.compactMap(\.self).joined(separator: ": ").split(whereSeparator: \.isNewline)
                .joined(separator: " ")
        }
    }
}
