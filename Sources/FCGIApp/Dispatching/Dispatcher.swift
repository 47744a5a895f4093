// The thread that owns the listener and every connection that no worker serves.

import Glibc
import Logging
import Runtime

/// Accepts connections, receives their requests, and hands those to workers through a bounded queue.
///
/// A kept connection without a request costs no thread, and neither does a peer that sends slowly: a
/// worker gets a request when all of it is there. What is to be done is `ConnectionTable`'s to say.
final class Dispatcher: Sendable {
    private let shared: Lock<DispatcherState>
    /// There is a request for a worker.
    private let requests = Condition()
    /// There is a request to be refused.
    private let refusals = Condition()
    private let poller: Poller
    private let listener: Listener
    private let settings: ConnectionSettings
    private let logger: Logger

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
        try poller.add(listener.descriptor, for: .connections, token: Self.listenerToken)
    }

    // MARK: For workers

    /// A request to be answered, and the connection that it came on.
    struct Job {
        let connection: FCGXConnection
        let assignment: ConnectionTable.Assignment
    }

    /// Waits for a request; nil: there will be no more.
    func nextRequest() -> Job? {
        next(requests) { table, now in table.takeRequest(at: now) }
    }

    /// Waits for a request to be refused; nil: there will be no more.
    func nextRefused() -> Job? {
        next(refusals) { table, now in table.takeRefused(at: now) }
    }

    /// Whether the request may write to a conversation now. Else it is to be parked.
    func takeTurn(_ job: Job, toWriteTo conversation: Int64) -> Bool {
        shared.withLock { $0.table.takeTurn(job.assignment.id, toWriteTo: conversation) }
    }

    /// Takes a request back that waits for its turn to write, with libfcgi's state of it let go.
    func park(_ job: Job, toWriteTo conversation: Int64) {
        let id = job.assignment.id
        let wakes = shared.withLock { shared in
            switch shared.table.park(id, toWriteTo: conversation) {
            case .parked(let deadline):
                return deadline < shared.nextReview
            case .resumed:
                // The worker that calls this takes it up itself.
                return false
            case .refused:
                refusals.signal()
                return false
            case .close:
                shared.drop(id, because: .peer)
                return shared.waitsForRoom || shared.table.isFinished
            }
        }
        if wakes { poller.wake() }
    }

    /// Takes a connection back whose request was answered.
    ///
    /// - Parameter staysOpen: both sides want to go on using it.
    func finished(_ job: Job, staysOpen: Bool) {
        let id = job.assignment.id
        let hasInput = job.connection.hasUnseenInput
        let now = Instant.now
        let wakes = shared.withLock { shared in
            let completion = shared.table.finished(id, staysOpen: staysOpen, hasInput: hasInput, at: now)
            // The worker that calls this takes one of them itself.
            requests.signal(completion.released - 1)
            switch completion.sequel {
            case .idle:
                return false
            case .receive:
                shared.unseen.append(id)
                return true
            case .close:
                shared.drop(id, because: .finished)
                return shared.waitsForRoom || shared.table.isFinished
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
            return shared.isStopped ? .some(nil) : nil
        }
    }

    // MARK: For whoever stops the process

    /// No more connections; those that are kept are served until nginx closes them, or until
    /// `deadline`.
    func drain(until deadline: Instant) {
        shared.withLock { $0.table.drain(until: deadline) }
        poller.wake()
    }

    /// Waits for nothing any more but what has begun.
    func hasten() {
        shared.withLock { shared in
            for id in shared.table.hasten() { shared.drop(id, because: .drained) }
        }
        poller.wake()
    }

    var isDraining: Bool { shared.withLock { $0.table.isDraining } }

    /// How things stand.
    var statistics: DispatcherStatistics {
        shared.withLock { shared in
            var statistics = shared.statistics
            for state in ConnectionTable.State.allCases {
                statistics.connections[state.rawValue] = shared.table.count(state)
            }
            statistics.writers = shared.table.writersCount
            return statistics
        }
    }

    // MARK: The thread

    private static let listenerToken = UInt64.max - 1
    private static let scratchSize = 64 * 1024
    /// A connection that a worker made idle is looked after within this time.
    private static let tick = Interval.seconds(1)
    /// How long the listener rests where the process has run out of descriptors or memory.
    private static let acceptPause = Interval.milliseconds(100)
    /// How many connections are accepted before others get their turn.
    private static let acceptBurst = 64

    /// Works until the process is to stop, and its last connection is gone.
    func run() {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.scratchSize, alignment: 16)
        defer { scratch.deallocate() }
        var listening = Listening.on
        while let review = review() {
            listening = attend(to: listening, review)
            let events: [Poller.Event]
            do {
                events = try poller.wait(timeout: timeout(review, listening))
            } catch {
                fatalError("\(error)")
            }
            let ready = readyConnections(events)
            if !ready.isEmpty { receive(ready, using: scratch) }
            if case .on = listening, events.contains(where: { $0.token == Self.listenerToken }) {
                listening = accept(atMost: Self.acceptBurst)
            }
        }
    }

    /// How things stand between two waits.
    private struct Review {
        var hasRoom: Bool
        var isDraining: Bool
        /// When something is to be done even if nothing happens; nil: never.
        var deadline: Instant?
    }

    /// Does what time it is for; nil when the last connection of a process that is to stop is gone.
    private func review() -> Review? {
        let now = Instant.now
        return shared.withLock { shared in
            let expiry = shared.table.expire(at: now)
            for id in expiry.closed { shared.drop(id, because: .timeout) }
            for id in expiry.drained { shared.drop(id, because: .drained) }
            refusals.signal(expiry.refused)
            requests.signal(expiry.released)
            let deadline = shared.unseen.isEmpty && !shared.table.isFinished ? shared.table.nextDeadline : now
            shared.nextReview = min(deadline ?? now + Self.tick, now + Self.tick)
            guard !shared.table.isFinished || !shared.hasStoppedListening else {
                shared.isStopped = true
                requests.broadcast()
                refusals.broadcast()
                return nil
            }
            return Review(
                hasRoom: shared.table.hasRoom,
                isDraining: shared.table.isDraining,
                deadline: deadline
            )
        }
    }

    private enum Listening {
        case on
        case resting(until: Instant?)
        /// Nobody can connect any more; who waits is accepted, from then on.
        case ending(from: Instant)
        case over
    }

    private func timeout(_ review: Review, _ listening: Listening) -> Interval {
        let now = Instant.now
        var timeout = review.deadline.map { min($0 - now, Self.tick) } ?? Self.tick
        switch listening {
        case .resting(let end?), .ending(let end): timeout = min(timeout, end - now)
        case .on, .resting, .over: break
        }
        return timeout
    }

    /// The connections that something is to be received from; those whose peer has gone are closed.
    private func readyConnections(_ events: [Poller.Event]) -> [(ConnectionTable.ID, FCGXConnection)] {
        shared.withLock { shared in
            var ids = shared.unseen
            shared.unseen.removeAll(keepingCapacity: true)
            for event in events where event.token != Self.listenerToken {
                let id = ConnectionTable.ID(token: event.token)
                if event.isHungUp {
                    end(id, because: .peer, in: &shared)
                } else {
                    ids.append(id)
                }
            }
            return ids.compactMap { id in
                shared.table.beginReading(id) ? shared.connection(id).map { (id, $0) } : nil
            }
        }
    }

    private func receive(
        _ ready: [(ConnectionTable.ID, FCGXConnection)],
        using scratch: UnsafeMutableRawBufferPointer
    ) {
        let receptions = ready.map { id, connection in
            let reception = connection.receive(using: scratch)
            return (id, reception, connection.receivedCount, reception == .request && connection.isKnownToWrite)
        }
        let now = Instant.now
        shared.withLock { shared in
            var queued = 0
            var refused = 0
            for (id, reception, size, writes) in receptions {
                switch reception {
                case .incomplete:
                    if size > 0 { shared.table.receivedPart(id, at: now) } else { shared.table.receivedNothing(id) }
                case .request:
                    switch shared.table.receivedRequest(id, bytes: size, writes: writes, at: now) {
                    case .queued: queued += 1
                    // For one more no worker could do anything.
                    case .queuedWrite: queued += shared.table.nextWrite == nil ? 0 : 1
                    case .refused: refused += 1
                    default: break
                    }
                case .ended:
                    end(id, because: size > 0 ? .protocolError : .peer, in: &shared)
                }
            }
            requests.signal(queued)
            refusals.signal(refused)
        }
    }

    /// The peer has gone, or sent what is no request.
    private func end(
        _ id: ConnectionTable.ID,
        because reason: DispatcherStatistics.Closing,
        in shared: inout DispatcherState
    ) {
        let departure = shared.table.ended(id)
        if departure.closes { shared.drop(id, because: reason) }
        requests.signal(departure.released)
    }

    private func accept(atMost count: Int) -> Listening {
        for _ in 0..<count {
            let hasRoom = shared.withLock { shared in
                shared.waitsForRoom = !shared.table.hasRoom
                return shared.table.hasRoom
            }
            guard hasRoom else { return rest(until: nil) }
            do {
                guard let descriptor = try listener.accept() else { return .on }
                try take(descriptor)
            } catch {
                logger.error("\(error)", cause: "\(error)")
                return rest(until: .now + Self.acceptPause)
            }
        }
        return .on
    }

    private func take(_ descriptor: Int32) throws(SystemError) {
        let connection = FCGXConnection(descriptor: descriptor, settings)
        let now = Instant.now
        let id = shared.withLock { $0.add(connection, at: now) }
        do {
            try poller.add(descriptor, for: .input, token: id.token)
        } catch {
            shared.withLock { shared in end(id, because: .peer, in: &shared) }
            throw error
        }
    }

    private func rest(until end: Instant?) -> Listening {
        listen(for: .nothing)
        return .resting(until: end)
    }

    private func listen(for interest: Poller.Interest) {
        do {
            try poller.change(listener.descriptor, to: interest, token: Self.listenerToken)
        } catch {
            fatalError("\(error)")
        }
    }

    /// Lets the listener go on, or come to its end, as it is time for.
    private func attend(to listening: Listening, _ review: Review) -> Listening {
        switch listening {
        case .over:
            return .over
        case .ending(let moment):
            return moment <= .now ? acceptRest() : listening
        case _ where review.isDraining:
            listen(for: .nothing)
            listener.withdraw()
            return acceptRest()
        case .resting(let end) where review.hasRoom && end.map({ $0 <= .now }) ?? true:
            listen(for: .connections)
            return .on
        case .on, .resting:
            return listening
        }
    }

    /// Whoever has connected by now has been promised an answer.
    private func acceptRest() -> Listening {
        do {
            while let descriptor = try listener.accept() { try take(descriptor) }
        } catch {
            // Descriptors have run out: some come free as connections close.
            logger.error("\(error)", cause: "\(error)")
            return .ending(from: .now + Self.acceptPause)
        }
        listener.close()
        shared.withLock { $0.hasStoppedListening = true }
        return .over
    }
}

extension ConnectionTable.ID {
    /// As the poller carries it.
    fileprivate var token: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)) }

    fileprivate init(token: UInt64) {
        self.init(descriptor: Int32(truncatingIfNeeded: token), generation: UInt32(truncatingIfNeeded: token >> 32))
    }
}
