// Hands requests from the connections to the workers, through a bounded queue.

import Handlers
import Logging
import MySQLStore
import Runtime

/// Accepts connections, receives their requests, and hands those to workers.
///
/// A kept connection without a request costs no thread, and neither does a peer that sends slowly: a worker gets a
/// request when all of it is there. `ConnectionTable` decides; here and in `Dispatcher+Thread.swift` that is done.
final class Dispatcher: Sendable {
    let shared: Lock<DispatcherState>
    /// Workers wait for it: there is a request to be served.
    let requests = Condition()
    /// The overload responder waits for it: there is a request to be refused.
    let refusals = Condition()
    /// The watcher waits for it: there is a poll that waits.
    let pollsWait = Condition()
    let poller: Poller
    let listener: Listener
    let settings: ConnectionSettings
    let logger: Logger

    init(
        _ listener: Listener,
        _ limits: ConnectionTable.Limits,
        _ settings: ConnectionSettings,
        logger: Logger
    ) throws(SystemError) {
        self.listener = listener
        self.settings = settings
        self.logger = logger
        shared = Lock(DispatcherState(ConnectionTable(limits)))
        poller = try Poller()
    }

    // MARK: For workers

    /// A request to be answered, and the connection that it came on.
    struct Job {
        let connection: FCGXConnection
        let assignment: ConnectionTable.Assignment
    }

    /// Waits for a request to be served; nil: there will be no more.
    func nextRequest() -> Job? {
        next(requests) { table, now in table.takeRequest(at: now) }
    }

    /// Waits for a request to be refused; nil: there will be no more.
    func nextRefused() -> Job? {
        next(refusals) { table, now in table.takeRefused(at: now) }
    }

    /// Takes a turn for a request; false: it is to be parked.
    func takeTurn(_ job: Job, _ turn: ConversationAPI.Turn) -> Bool {
        let id = job.assignment.id
        return shared.withLock { shared in
            switch turn {
            case .write(let conversation): shared.table.takeTurn(id, toWriteTo: conversation)
            case .search: shared.table.takeTurnToSearch(id)
            }
        }
    }

    /// Takes a request back that waits for its turn. libfcgi's state of it has been released.
    func park(_ job: Job, for turn: ConversationAPI.Turn) {
        let id = job.assignment.id
        let wakes = shared.withLock { shared in
            let parking =
                switch turn {
                case .write(let conversation): shared.table.park(id, toWriteTo: conversation)
                case .search: shared.table.parkSearch(id)
                }
            switch parking {
            case .parked(let deadline):
                return deadline < shared.nextReview
            case .resumed:
                // The worker that calls this takes it up itself.
                return false
            case .refused:
                refusals.signal()
                return false
            case .close:
                shared.release(id, because: .peer)
                return shared.mustReportClosing
            }
        }
        if wakes { poller.wake() }
    }

    /// Takes a connection back whose request was answered.
    ///
    /// - Parameter staysOpen: whether the peer and libfcgi go on using the connection.
    func finished(_ job: Job, staysOpen: Bool) {
        let id = job.assignment.id
        let hasInput = job.connection.hasPendingInput
        let now = Instant.now
        let wakes = shared.withLock { shared in
            let completion = shared.table.finished(id, staysOpen: staysOpen, hasInput: hasInput, at: now)
            // The worker that calls this takes one of them itself.
            requests.signal(completion.released - 1)
            switch completion.disposition {
            case .keepIdle:
                return false
            case .receive:
                shared.pendingInput.append(id)
                return true
            case .close:
                shared.release(id, because: .finished)
                return shared.mustReportClosing
            }
        }
        if wakes { poller.wake() }
    }

    /// Takes a poll back that has found nothing new. libfcgi's state of it has been released.
    ///
    /// - Parameter time: how long it asks to wait. It is answered at a random point between 0.8 and 1 of that, so that
    ///   clients that began together do not go on together.
    func wait(_ job: Job, for subject: ChangeSubject, of user: Int64, atMost time: Interval, since generation: UInt64) {
        let id = job.assignment.id
        let now = Instant.now
        let end = now + .seconds(time.seconds * Double.random(in: 0.8...1))
        job.connection.releaseUnusedMemory()
        let wakes = shared.withLock { shared in
            switch shared.table.wait(id, for: subject, of: user, until: end, since: generation, at: now) {
            case .waiting(let end, let released):
                requests.signal(released)
                pollsWait.signal()
                return end < shared.nextReview
            case .woken:
                // The worker that calls this takes it up itself.
                return false
            case .close:
                shared.release(id, because: .peer)
                return shared.mustReportClosing
            }
        }
        if wakes { poller.wake() }
    }

    private func next(
        _ condition: Condition,
        _ take: (inout ConnectionTable, Instant) -> ConnectionTable.Assignment?
    ) -> Job? {
        shared.wait(for: condition) { shared -> Job?? in
            if let assignment = take(&shared.table, .now) {
                guard let connection = shared.connection(assignment.id) else { fatalError("the table has it") }
                return Job(connection: connection, assignment: assignment)
            }
            return shared.table.lifeCycle.phase == .stopped ? .some(nil) : nil
        }
    }

    // MARK: For the watcher

    /// Waits until there is a reason to look for changes, or the deadline has passed; gives whether there is one: a poll
    /// waits, or none may wait since the last look has failed.
    func waitForPolls(until deadline: Instant) -> Bool {
        shared.wait(for: pollsWait, until: deadline) { shared in
            shared.table.polls.isEmpty && shared.table.polls.isWatched ? nil : true
        } ?? false
    }

    /// Takes what a look for changes has found, and wakes the polls that wait for it: all of them where it has a gap.
    func report(_ changes: ChangeFeed.Changes) {
        let now = Instant.now
        shared.withLock { shared in
            shared.table.polls.isWatched = true
            if changes.hasGap { requests.signal(shared.table.reportGap(at: now)) }
            requests.signal(shared.table.report(changes.subjects, at: now))
        }
    }

    /// A look for changes has failed: no further poll may wait until one succeeds.
    func reportFailedLook() {
        shared.withLock { $0.table.polls.isWatched = false }
    }

    // MARK: For other threads

    /// Has the process stop: the first call drains until `deadline`, the second one closes what is idle.
    ///
    /// - Returns: the phase that this has led to.
    func stop(drainingUntil deadline: Instant) -> LifeCycle.Phase {
        defer { poller.wake() }
        return shared.withLock { shared in
            let stop = shared.table.stop(drainingUntil: deadline, at: .now)
            for id in stop.closed { shared.release(id, because: .drained) }
            requests.signal(stop.released)
            return shared.table.lifeCycle.phase
        }
    }

    /// How long ago the dispatcher's thread should have looked at its deadlines, which it does at least each second;
    /// negative as a rule. Where this grows, the thread is stuck.
    var lateness: Interval {
        let now = Instant.now
        return shared.withLock { now - $0.nextReview }
    }

    /// Whether the process has been asked to stop.
    var isStopping: Bool { shared.withLock { $0.table.lifeCycle.isStopping } }

    /// The counts of this moment.
    var statistics: DispatcherStatistics {
        shared.withLock { shared in
            var statistics = shared.statistics
            for state in ConnectionTable.State.allCases {
                statistics.connections[state.rawValue] = shared.table.count(state)
            }
            statistics.writers = shared.table.writersCount
            statistics.searches = shared.table.searches.inProgress
            statistics.heldBytes = shared.table.heldBytes
            statistics.polls = shared.table.polls.counts
            return statistics
        }
    }
}
