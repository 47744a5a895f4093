// The thread that looks for changes while polls wait for them.

import Logging
import MySQLStore
import Runtime

/// Asks the database for changes, again and again, and reports them to the dispatcher. It asks nothing while no poll
/// waits.
struct ChangeWatcher {
    let hosts: DatabaseHosts
    let dispatcher: Dispatcher
    /// The time from one look to the next.
    let interval: Interval
    let status: WatchStatus
    let logger: Logger

    /// The time to the next look after one that has failed.
    private static let errorPause = Interval.milliseconds(250)
    /// How long it waits for polls before it looks whether the process stops.
    private static let stopCheckInterval = Interval.seconds(1)

    func run(until stop: StopSignal) {
        let feed = ChangeFeed(hosts)
        var pause = Interval.zero
        while !stop.wait(for: pause) {
            pause = .zero
            guard dispatcher.waitForPolls(until: .now + Self.stopCheckInterval) else { continue }
            let start = Instant.now
            do {
                let changes = try feed.next()
                dispatcher.report(changes)
                status.record(changes.ages, statements: feed.statements, lookTook: .now - start)
                pause = max(.zero, interval - (.now - start))
            } catch {
                // Polls that wait are woken by the gap that the next look has, or are answered when their time is over.
                dispatcher.reportFailedLook()
                status.recordFailure(statements: feed.statements)
                logger.error("looking for changes failed: \(error)", cause: "looking for changes")
                pause = Self.errorPause
            }
        }
    }
}
