// The state machine of all connections: it decides what follows from each event, without I/O.

import Runtime

/// The state of all connections of a process.
///
/// A connection is idle until something comes in, receiving until its request is whole, queued until a
/// worker takes it, and serving until the answer is sent; then it is idle again, or closed. A request that
/// finds the queue full, or waits for too long, is refused: `OverloadResponder` answers it in a worker's place.
///
/// A request that writes has a queue of its own, and leaves it when `WriteTurns` has a permit for it. One whose
/// conversation has no turn for it is given back by its worker and is parked; when its turn comes it is resumed, and
/// the next free worker takes it up anew. All its waits together are bounded as one wait in the queue.
///
/// A request that searches has a queue of its own, too, and leaves it when `SearchPermits` has a permit for it.
///
/// A poll that has found nothing new is given back by its worker and waits (`WaitingPolls`); when something has changed,
/// or its time is over, it is woken, and the next free worker takes it up anew.
///
/// Invariants: a slot that is in use is in exactly one of `lists`, the one of its state; each list is in the order
/// of its slots' `since`, so that the first is the first to run out of time. A slot has a permit of `turns` while it is
/// resumed, and in the service of a write; it counts as parked there while it is parked. A slot has a permit of
/// `searches` in the service of a search, and nowhere else. A slot has a place in `polls` while it is waiting. `heldBytes`
/// is the sum of `bytes` over all slots.
struct ConnectionTable {
    /// Bounds and time limits, each a setting.
    struct Limits: Sendable {
        var workers: Int
        var connections: Int
        var queueLength: Int
        var writes: WriteTurns.Limits
        var searches = SearchPermits.Limits(workers: 1, waiting: 0)
        var polls = WaitingPolls.Limits(polls: 0, pollsOfUser: 0)
        /// Bytes of all requests that wait or are served. A further one is refused, unless it is small.
        var heldBytes: Int
        var queueAge: Interval
        var receiveTimeout: Interval
        var idleTimeout: Interval
    }

    /// Names a connection. The kernel gives a closed descriptor's number to the next connection; the generation
    /// tells the two apart.
    struct ID: Hashable {
        var descriptor: Int32
        var generation: UInt32
    }

    enum State: Int, CaseIterable {
        case idle, receiving, queued, queuedWrite, queuedSearch, parked, resumed, waiting, woken, refused, serving
    }

    /// Why a request gets no worker.
    enum Overload: String, CaseIterable {
        case queueFull = "queue_full"
        case queueAge = "queue_age"
        /// Too many writes wait, to the conversation or in all.
        case writesFull = "writes_full"
        /// A write has waited for too long, for other writes.
        case writesAge = "writes_age"
        /// Too many searches wait.
        case searchesFull = "searches_full"
        /// A search has waited for too long, for other searches.
        case searchesAge = "searches_age"
    }

    /// A request that a thread has taken to answer it.
    struct Assignment: Equatable {
        var id: ID
        /// How long it has waited since it was whole.
        var waited: Interval
        /// Why it is answered with 503; nil: it is served.
        var overload: Overload?
        /// Whether it was parked, and has its turn to write by now.
        var hasTurn = false
        /// What it may do where it is a poll.
        var polling = Polling.mayWait(generation: 0)
        /// How long it has waited for news, which is not in `waited`.
        var waitedForNews = Interval.zero
    }

    /// The size in bytes up to which a request is never refused for its size.
    private static let smallRequest = 16 * 1024

    let limits: Limits
    var lifeCycle = LifeCycle()
    var slots = ConnectionSlots()
    /// Bytes of all requests that wait or are served.
    private(set) var heldBytes = 0
    var turns: WriteTurns
    var searches: SearchPermits
    var polls: WaitingPolls
    /// Whether a request was answered since the start of the process.
    var hasAnswered = false
    /// Whether the next request that a worker takes is a woken one, where there is one.
    var prefersWoken = false

    init(_ limits: Limits) {
        self.limits = limits
        turns = WriteTurns(limits.writes)
        searches = SearchPermits(limits.searches)
        polls = WaitingPolls(limits.polls)
    }

    // MARK: Counts

    func count(_ state: State) -> Int { slots.count(state) }

    var count: Int { slots.count }

    /// Requests that write at this moment.
    var writersCount: Int { turns.inProgress }

    /// How many more connections are to be accepted.
    var room: Int { lifeCycle.phase == .running ? max(0, limits.connections - count) : 0 }

    // MARK: What happens to a connection

    /// It was accepted.
    mutating func accepted(_ descriptor: Int32, at now: Instant) -> ID {
        slots.add(descriptor, at: now)
    }

    /// Something has come in. What is read then is told by `receivedNothing`, `receivedPart`, `receivedRequest` or
    /// `ended`.
    ///
    /// - Returns: whether it is to be read now. It is not while a request waits or is served, nor while it is being
    ///   read already: epoll may report one connection twice.
    mutating func beginReading(_ id: ID) -> Bool {
        guard isCurrent(id), !slots[id.descriptor].isBeingRead else { return false }
        switch slots[id.descriptor].state {
        case .idle, .receiving:
            slots[id.descriptor].isBeingRead = true
            return true
        case .queued, .queuedWrite, .queuedSearch, .parked, .resumed, .waiting, .woken, .refused, .serving:
            slots[id.descriptor].hasInput = true
            return false
        }
    }

    /// There was nothing to be read.
    mutating func receivedNothing(_ id: ID) {
        guard isCurrent(id) else { return }
        slots[id.descriptor].isBeingRead = false
    }

    /// A part of a request has come in.
    mutating func receivedPart(_ id: ID, at now: Instant) {
        guard isCurrent(id) else { return }
        slots[id.descriptor].isBeingRead = false
        if slots[id.descriptor].state == .idle { slots.move(id.descriptor, to: .receiving, since: now) }
    }

    /// A whole request has come in.
    ///
    /// - Parameter kind: what it is known for.
    /// - Returns: what becomes of it, queued or refused; nil where the connection was removed in the meantime, or has a
    ///   request already.
    mutating func receivedRequest(_ id: ID, bytes: Int, kind: RequestKind, at now: Instant) -> State? {
        guard isCurrent(id) else { return nil }
        slots[id.descriptor].isBeingRead = false
        guard [.idle, .receiving].contains(slots[id.descriptor].state) else { return nil }
        let overload = overload(bytes: bytes, kind)
        slots[id.descriptor].bytes = bytes
        heldBytes += bytes
        slots[id.descriptor].overload = overload
        let state: State =
            switch kind {
            case _ where overload != nil: .refused
            case .write: .queuedWrite
            case .search: .queuedSearch
            case .other: .queued
            }
        slots.move(id.descriptor, to: state, since: now)
        return state
    }

    private func overload(bytes: Int, _ kind: RequestKind) -> Overload? {
        if bytes > Self.smallRequest, heldBytes + bytes > limits.heldBytes { return .queueFull }
        switch kind {
        case .write: return isFullForWrites ? .writesFull : nil
        case .search: return isFullForSearches ? .searchesFull : nil
        case .other:
            // A request that a free worker is about to take needs no room in the queue.
            let freeWorkers = max(0, limits.workers - count(.serving))
            return count(.queued) >= limits.queueLength + freeWorkers ? .queueFull : nil
        }
    }

    /// The peer has closed the connection, or has sent what is no request.
    mutating func ended(_ id: ID) -> HangUp {
        guard isCurrent(id) else { return HangUp() }
        guard slots[id.descriptor].state != .serving else {
            slots[id.descriptor].isHungUp = true
            return HangUp()
        }
        return remove(id.descriptor)
    }

    // MARK: Behind an answer

    /// What becomes of a connection behind an answer.
    enum Disposition: Equatable {
        /// It is idle until something comes in.
        case keepIdle
        /// It is idle, and something has come in already.
        case receive
        case close
    }

    /// What follows from the end of a request.
    struct Completion: Equatable {
        var disposition: Disposition
        /// How many requests workers can take now that they could not before.
        var released = 0
    }

    /// What follows from the end of what a peer sends.
    struct HangUp: Equatable {
        /// The connection is to be closed now; while its request is served, it is when that is finished.
        var closesNow = false
        /// How many requests workers can take now that they could not before.
        var released = 0
    }

    /// The connection's request was answered.
    ///
    /// - Parameters:
    ///   - staysOpen: whether the peer and libfcgi go on using the connection.
    ///   - hasInput: whether more than that request has come in.
    mutating func finished(
        _ id: ID,
        staysOpen: Bool,
        hasInput: Bool,
        at now: Instant
    ) -> Completion {
        hasAnswered = true
        let slot = slots[id.descriptor]
        guard staysOpen, lifeCycle.keepsConnections, !slot.isHungUp else {
            return Completion(disposition: .close, released: remove(id.descriptor).released)
        }
        slots[id.descriptor].hasInput = false
        let released = endTurns(of: id.descriptor)
        releaseBytes(of: id.descriptor)
        slots[id.descriptor].poll = nil
        slots.move(id.descriptor, to: .idle, since: now)
        return Completion(disposition: hasInput || slot.hasInput ? .receive : .keepIdle, released: released)
    }

    // MARK: Parts

    private func isCurrent(_ id: ID) -> Bool {
        slots.has(id)
    }

    private mutating func releaseBytes(of descriptor: Int32) {
        heldBytes -= slots[descriptor].bytes
        slots[descriptor].bytes = 0
    }

    mutating func remove(_ descriptor: Int32) -> HangUp {
        let released = endTurns(of: descriptor)
        releaseBytes(of: descriptor)
        if slots[descriptor].state == .waiting {
            polls.remove(ID(descriptor: descriptor, generation: slots[descriptor].generation))
        }
        slots.remove(descriptor)
        lifeCycle.connectionsChanged(to: count)
        return HangUp(closesNow: true, released: released)
    }
}
