// What each connection is doing, and what follows from whatever happens to it. Decisions alone, no I/O.

import Runtime

/// The state of all connections of a process.
///
/// A connection is idle until something comes in, receiving until its request is whole, queued until a
/// worker takes it, and serving until the answer is sent; then it is idle again, or closed. A request that
/// finds the queue full, or waits for too long, is refused: the refusing thread answers it in a worker's place.
///
/// A request that writes is queued beside the others, and taken where writers may be more (`WriteTurns`). One whose
/// conversation has no turn for it goes back from its worker and is parked; when its turn comes it is resumed, and the
/// next free worker takes it up anew. Its waits together are bounded as one wait in the queue.
///
/// Invariants: a slot that is in use is in exactly one of `lists`, the one of its state; each list is in the order
/// of its slots' `since`, so that the first is the first to run out of time. A slot has a permit of `turns` while it is
/// resumed, and in the service of a write; it counts as parked there while it is parked. `heldBytes` is the sum of
/// `bytes` over all slots.
struct ConnectionTable {
    /// Bounds and time limits, each a setting.
    struct Limits: Sendable {
        var workers: Int
        var connections: Int
        var queueLength: Int
        var writes: WriteTurns.Limits
        /// Bytes of all requests that wait or are served, roughly: one more that is not small is refused.
        var heldBytes: Int
        var queueAge: Interval
        var readTimeout: Interval
        var idleTimeout: Interval
    }

    /// Names a connection. Descriptors are used again; with its generation one is never mistaken for
    /// the one before it.
    struct ID: Hashable {
        var descriptor: Int32
        var generation: UInt32
    }

    enum State: Int, CaseIterable {
        case idle, receiving, queued, queuedWrite, parked, resumed, refused, serving
    }

    /// Why a request gets no worker.
    enum Refusal: String, CaseIterable {
        case queueFull = "queue_full"
        case queueAge = "queue_age"
        /// Too many writes wait, to the conversation or in all.
        case writesFull = "writes_full"
        /// A write has waited for too long, for other writes.
        case writesAge = "writes_age"
    }

    /// A request that somebody is to answer.
    struct Assignment: Equatable {
        var id: ID
        /// How long it has been whole.
        var waited: Interval
        /// nil: it is to be served.
        var refusal: Refusal?
        /// It was parked, and has its turn to write.
        var hasTurn = false
    }

    private enum Mode: Equatable {
        case open
        /// Kept connections are served until nginx closes them, or until then.
        case draining(deadline: Instant)
        /// What is idle is closed.
        case closing
    }

    /// What a request waits in, and what it is refused for when it has waited there for too long.
    private static let waits: [(state: State, refusal: Refusal)] = [
        (.queued, .queueAge), (.queuedWrite, .writesAge), (.parked, .writesAge), (.resumed, .writesAge),
    ]

    /// A request that is not refused for its size, in bytes.
    private static let smallRequest = 16 * 1024

    let limits: Limits
    private var mode = Mode.open
    var slots = ConnectionSlots()
    /// Bytes of all requests that wait or are served.
    private(set) var heldBytes = 0
    var turns: WriteTurns

    init(_ limits: Limits) {
        self.limits = limits
        turns = WriteTurns(limits.writes)
    }

    // MARK: How things stand

    func count(_ state: State) -> Int { slots.count(state) }

    var count: Int { slots.count }

    /// Requests that write at this moment.
    var writersCount: Int { turns.inProgress }

    /// Whether another connection is to be accepted.
    var hasRoom: Bool { mode == .open && count < limits.connections }

    var isDraining: Bool { mode != .open }

    /// The last connection of a process that is to stop is gone.
    var isFinished: Bool { isDraining && count == 0 }

    /// When `expire` has something to do next.
    var nextDeadline: Instant? {
        var deadlines = State.allCases.compactMap { state -> Instant? in
            guard let limit = limit(of: state), let first = slots.first(state) else { return nil }
            return slots[first].since + limit
        }
        if case .draining(let deadline) = mode { deadlines.append(deadline) }
        return deadlines.min()
    }

    // MARK: What happens to a connection

    /// It was accepted.
    mutating func accepted(_ descriptor: Int32, at now: Instant) -> ID {
        slots.add(descriptor, at: now)
    }

    /// Something has come in; whether it is to be read now. It is not while a request waits or is served, nor where
    /// it is being read already: two reports of one connection are one. What was read is told by `receivedNothing`,
    /// `receivedPart`, `receivedRequest` or `ended`.
    mutating func beginReading(_ id: ID) -> Bool {
        guard isCurrent(id), !slots[id.descriptor].isBeingRead else { return false }
        switch slots[id.descriptor].state {
        case .idle, .receiving:
            slots[id.descriptor].isBeingRead = true
            return true
        case .queued, .queuedWrite, .parked, .resumed, .refused, .serving:
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

    /// A whole request has come in; gives what becomes of it: queued or refused. nil: the connection was
    /// let go in the meantime, or has a request already.
    ///
    /// - Parameter writes: it is known to write.
    mutating func receivedRequest(_ id: ID, bytes: Int, writes: Bool, at now: Instant) -> State? {
        guard isCurrent(id) else { return nil }
        slots[id.descriptor].isBeingRead = false
        guard [.idle, .receiving].contains(slots[id.descriptor].state) else { return nil }
        let refusal = refusal(bytes: bytes, writes: writes)
        slots[id.descriptor].bytes = bytes
        heldBytes += bytes
        slots[id.descriptor].refusal = refusal
        let state = refusal != nil ? State.refused : writes ? .queuedWrite : .queued
        slots.move(id.descriptor, to: state, since: now)
        return state
    }

    private func refusal(bytes: Int, writes: Bool) -> Refusal? {
        if bytes > Self.smallRequest, heldBytes + bytes > limits.heldBytes { return .queueFull }
        if writes { return isFullForWrites ? .writesFull : nil }
        // Those that a worker is free for need no room in the queue: they only pass through.
        let freeWorkers = max(0, limits.workers - count(.serving))
        return count(.queued) >= limits.queueLength + freeWorkers ? .queueFull : nil
    }

    /// The peer has gone, or sent what is no request; what is to be done.
    mutating func ended(_ id: ID) -> Departure {
        guard isCurrent(id) else { return Departure() }
        guard slots[id.descriptor].state != .serving else {
            slots[id.descriptor].isHungUp = true
            return Departure()
        }
        return remove(id.descriptor)
    }

    /// A worker has time: the write whose turn has come, else the request that has waited longest.
    mutating func takeRequest(at now: Instant) -> Assignment? {
        if let resumed = take(from: .resumed, at: now) { return resumed }
        guard let write = nextWrite else { return take(from: .queued, at: now) }
        if let first = slots.first(.queued), slots[first].since <= slots[write].since {
            return take(from: .queued, at: now)
        }
        slots[write].hasPermit = turns.takePermit()
        return take(from: .queuedWrite, at: now)
    }

    /// The refused request that has waited longest.
    mutating func takeRefused(at now: Instant) -> Assignment? {
        take(from: .refused, at: now)
    }

    // MARK: Behind an answer

    /// What becomes of a connection behind an answer.
    enum Sequel: Equatable {
        case idle
        /// It is idle, and something has come in already.
        case receive
        case close
    }

    /// What follows from the end of a request.
    struct Completion: Equatable {
        var sequel: Sequel
        /// How many requests workers can take now that they could not before.
        var released = 0
    }

    /// What follows from a peer's going.
    struct Departure: Equatable {
        /// Its connection is to be closed now.
        var closes = false
        /// How many requests workers can take now that they could not before.
        var released = 0
    }

    /// Its request was answered.
    ///
    /// - Parameters:
    ///   - staysOpen: both sides want to go on using it.
    ///   - hasInput: more than that request has come in.
    mutating func finished(
        _ id: ID,
        staysOpen: Bool,
        hasInput: Bool,
        at now: Instant
    ) -> Completion {
        let slot = slots[id.descriptor]
        guard staysOpen, mode != .closing, !slot.isHungUp else {
            return Completion(sequel: .close, released: remove(id.descriptor).released)
        }
        slots[id.descriptor].hasInput = false
        let released = endWriting(of: id.descriptor)
        releaseBytes(of: id.descriptor)
        slots.move(id.descriptor, to: .idle, since: now)
        return Completion(sequel: hasInput || slot.hasInput ? .receive : .idle, released: released)
    }

    // MARK: What happens to the process

    /// No more connections; those that are kept are served until `deadline`.
    mutating func drain(until deadline: Instant) {
        if mode == .open { mode = .draining(deadline: deadline) }
    }

    /// Nothing is waited for any more but what has begun; gives the connections to be closed now.
    mutating func hasten() -> [ID] {
        mode = .closing
        return removeAll(in: .idle, before: nil)
    }

    /// Time has passed.
    struct Expiry: Equatable {
        /// To be closed now, since they took too long.
        var closed: [ID] = []
        /// To be closed now, since the process has waited for them long enough.
        var drained: [ID] = []
        /// How many requests are refused from now on.
        var refused = 0
        /// How many requests workers can take now that they could not before.
        var released = 0
    }

    mutating func expire(at now: Instant) -> Expiry {
        var expiry = Expiry()
        if case .draining(let deadline) = mode, deadline <= now { expiry.drained = hasten() }
        for state in [State.idle, .receiving] {
            if let limit = limit(of: state) { expiry.closed += removeAll(in: state, before: now - limit) }
        }
        for (state, refusal) in Self.waits {
            while let first = slots.first(state), isOver(slots[first], at: now) {
                expiry.released += endWriting(of: first)
                slots[first].refusal = refusal
                // It has waited since it was whole.
                slots.move(first, to: .refused, since: slots[first].since)
                expiry.refused += 1
            }
        }
        return expiry
    }

    // MARK: Parts

    private func isCurrent(_ id: ID) -> Bool {
        slots.has(id)
    }

    private func limit(of state: State) -> Interval? {
        switch state {
        // Who was accepted as the process stopped may still bring a request, but not for long.
        case .idle: mode == .closing ? min(limits.idleTimeout, limits.readTimeout) : limits.idleTimeout
        case .receiving: limits.readTimeout
        case .queued, .queuedWrite, .parked, .resumed: limits.queueAge
        case .refused, .serving: nil
        }
    }

    private func isOver(_ slot: ConnectionSlots.Slot, at now: Instant) -> Bool {
        limit(of: slot.state).map { slot.since + $0 <= now } ?? false
    }

    private mutating func take(from state: State, at now: Instant) -> Assignment? {
        guard let first = slots.first(state) else { return nil }
        let slot = slots[first]
        let id = ID(descriptor: first, generation: slot.generation)
        let refusal = slot.refusal ?? (isOver(slot, at: now) ? Self.waits.first { $0.state == state }?.refusal : nil)
        slots[first].arrival = slot.since
        slots.move(first, to: .serving, since: now)
        return Assignment(id: id, waited: now - slot.since, refusal: refusal, hasTurn: state == .resumed)
    }

    /// - Parameter moment: those that came into the state by then; nil: all.
    private mutating func removeAll(in state: State, before moment: Instant?) -> [ID] {
        var removed: [ID] = []
        while let first = slots.first(state) {
            if let moment, slots[first].since > moment { break }
            removed.append(ID(descriptor: first, generation: slots[first].generation))
            _ = remove(first)
        }
        return removed
    }

    private mutating func releaseBytes(of descriptor: Int32) {
        heldBytes -= slots[descriptor].bytes
        slots[descriptor].bytes = 0
    }

    mutating func remove(_ descriptor: Int32) -> Departure {
        let released = endWriting(of: descriptor)
        releaseBytes(of: descriptor)
        slots.remove(descriptor)
        return Departure(closes: true, released: released)
    }
}
