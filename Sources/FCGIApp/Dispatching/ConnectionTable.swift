// What each connection is doing, and what follows from whatever happens to it. Decisions alone, no I/O.

import MySQLStore

/// The state of all connections of a process.
///
/// A connection is idle until something comes in, receiving until its request is whole, queued until a
/// worker takes it, and serving until the answer is sent; then it is idle again, or closed. A request
/// that finds the queue full, or waits in it for too long, is refused: somebody answers that in a
/// worker's place.
///
/// Invariants: a slot that is in use is in exactly one of `lists`, the one of its state; each list is in
/// the order in which its slots came into that state, so that the first is the first to run out of time.
struct ConnectionTable {
    /// Bounds and time limits, each a setting.
    struct Limits: Sendable {
        var workers: Int
        var connections: Int
        var queueLength: Int
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
        case idle, receiving, queued, refused, serving
    }

    /// Why a request gets no worker.
    enum Refusal: String, CaseIterable {
        case queueFull = "queue_full"
        case queueAge = "queue_age"
    }

    /// A request that somebody is to answer.
    struct Assignment: Equatable {
        var id: ID
        /// How long it has been whole.
        var waited: Interval
        /// nil: it is to be served.
        var refusal: Refusal?
    }

    private enum Mode: Equatable {
        case open
        /// Kept connections are served until nginx closes them, or until then.
        case draining(deadline: Instant)
        /// What is idle is closed.
        case closing
    }

    private struct Slot {
        var generation: UInt32 = 0
        var isInUse = false
        var state = State.idle
        var since = Instant.now
        /// The peer has gone; while its request is served that is only noted.
        var isHungUp = false
        /// Something has come in while a request was queued or served; that is only noted, too.
        var hasInput = false
        var refusal: Refusal?
        /// Of its request, while that waits or is served.
        var bytes = 0
        var previous: Int32?
        var next: Int32?
    }

    private struct List {
        var first: Int32?
        var last: Int32?
        var count = 0
    }

    /// A request that is not refused for its size, in bytes.
    private static let smallRequest = 16 * 1024

    private let limits: Limits
    private var mode = Mode.open
    /// By descriptor: the kernel keeps those small.
    private var slots: [Slot] = []
    private var heldBytes = 0
    private var lists = [List](repeating: List(), count: State.allCases.count)

    init(_ limits: Limits) {
        self.limits = limits
    }

    // MARK: How things stand

    func count(_ state: State) -> Int {
        lists[state.rawValue].count
    }

    var count: Int { lists.reduce(0) { $0 + $1.count } }

    /// Whether another connection is to be accepted.
    var hasRoom: Bool { mode == .open && count < limits.connections }

    var isDraining: Bool { mode != .open }

    /// The last connection of a process that is to stop is gone.
    var isFinished: Bool { isDraining && count == 0 }

    /// When `expire` has something to do next.
    var nextDeadline: Instant? {
        var deadlines = State.allCases.compactMap { state -> Instant? in
            guard let limit = limit(of: state), let first = lists[state.rawValue].first else { return nil }
            return slots[Int(first)].since + limit
        }
        if case .draining(let deadline) = mode { deadlines.append(deadline) }
        return deadlines.min()
    }

    // MARK: What happens to a connection

    /// It was accepted.
    mutating func accepted(_ descriptor: Int32, at now: Instant) -> ID {
        let index = Int(descriptor)
        while slots.count <= index { slots.append(Slot()) }
        precondition(!slots[index].isInUse, "a descriptor is open once")
        slots[index].generation &+= 1
        slots[index].isInUse = true
        slots[index].isHungUp = false
        slots[index].hasInput = false
        append(descriptor, to: .idle, at: now)
        return ID(descriptor: descriptor, generation: slots[index].generation)
    }

    /// Something has come in; whether it is to be taken now. It is not while a request is queued or
    /// served.
    mutating func mayReceive(_ id: ID) -> Bool {
        guard isCurrent(id) else { return false }
        switch slots[Int(id.descriptor)].state {
        case .idle, .receiving:
            return true
        case .queued, .refused, .serving:
            slots[Int(id.descriptor)].hasInput = true
            return false
        }
    }

    /// A part of a request has come in.
    mutating func receivedPart(_ id: ID, at now: Instant) {
        guard isCurrent(id), slots[Int(id.descriptor)].state == .idle else { return }
        move(id.descriptor, to: .receiving, at: now)
    }

    /// A whole request has come in; gives what becomes of it: queued or refused. nil: the connection was
    /// let go in the meantime.
    mutating func receivedRequest(_ id: ID, bytes: Int, at now: Instant) -> State? {
        guard isCurrent(id) else { return nil }
        // Those that a worker is free for need no room in the queue: they only pass through.
        let freeWorkers = max(0, limits.workers - count(.serving))
        let isFull =
            count(.queued) >= limits.queueLength + freeWorkers
            || bytes > Self.smallRequest && heldBytes + bytes > limits.heldBytes
        slots[Int(id.descriptor)].bytes = bytes
        heldBytes += bytes
        slots[Int(id.descriptor)].refusal = isFull ? .queueFull : nil
        move(id.descriptor, to: isFull ? .refused : .queued, at: now)
        return isFull ? .refused : .queued
    }

    /// The peer has gone, or sent what is no request; true where it is to be closed now.
    mutating func ended(_ id: ID) -> Bool {
        guard isCurrent(id) else { return false }
        guard slots[Int(id.descriptor)].state != .serving else {
            slots[Int(id.descriptor)].isHungUp = true
            return false
        }
        remove(id.descriptor)
        return true
    }

    /// A worker has time: the request that has waited longest.
    mutating func takeRequest(at now: Instant) -> Assignment? {
        take(from: .queued, at: now)
    }

    /// The refused request that has waited longest.
    mutating func takeRefused(at now: Instant) -> Assignment? {
        take(from: .refused, at: now)
    }

    /// What becomes of a connection behind an answer.
    enum Sequel: Equatable {
        case idle
        /// It is idle, and something has come in already.
        case receive
        case close
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
    ) -> Sequel {
        let slot = slots[Int(id.descriptor)]
        guard staysOpen, mode != .closing, !slot.isHungUp else {
            remove(id.descriptor)
            return .close
        }
        slots[Int(id.descriptor)].hasInput = false
        releaseBytes(of: id.descriptor)
        move(id.descriptor, to: .idle, at: now)
        return hasInput || slot.hasInput ? .receive : .idle
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
    }

    mutating func expire(at now: Instant) -> Expiry {
        var expiry = Expiry()
        if case .draining(let deadline) = mode, deadline <= now { expiry.drained = hasten() }
        for state in [State.idle, .receiving] {
            if let limit = limit(of: state) { expiry.closed += removeAll(in: state, before: now - limit) }
        }
        while let first = lists[State.queued.rawValue].first, isOver(slots[Int(first)], at: now) {
            slots[Int(first)].refusal = .queueAge
            // It has waited since it was queued.
            move(first, to: .refused, at: slots[Int(first)].since)
            expiry.refused += 1
        }
        return expiry
    }

    // MARK: Parts

    private func isCurrent(_ id: ID) -> Bool {
        let index = Int(id.descriptor)
        return index < slots.count && slots[index].isInUse && slots[index].generation == id.generation
    }

    private func limit(of state: State) -> Interval? {
        switch state {
        // Who was accepted as the process stopped may still bring a request, but not for long.
        case .idle: mode == .closing ? min(limits.idleTimeout, limits.readTimeout) : limits.idleTimeout
        case .receiving: limits.readTimeout
        case .queued: limits.queueAge
        case .refused, .serving: nil
        }
    }

    private func isOver(_ slot: Slot, at now: Instant) -> Bool {
        limit(of: slot.state).map { slot.since + $0 <= now } ?? false
    }

    private mutating func take(from state: State, at now: Instant) -> Assignment? {
        guard let first = lists[state.rawValue].first else { return nil }
        let slot = slots[Int(first)]
        let id = ID(descriptor: first, generation: slot.generation)
        let refusal = slot.refusal ?? (isOver(slot, at: now) ? .queueAge : nil)
        let waited = now - slot.since
        move(first, to: .serving, at: now)
        return Assignment(id: id, waited: waited, refusal: refusal)
    }

    /// - Parameter moment: those that came into the state by then; nil: all.
    private mutating func removeAll(in state: State, before moment: Instant?) -> [ID] {
        var removed: [ID] = []
        while let first = lists[state.rawValue].first {
            if let moment, slots[Int(first)].since > moment { break }
            removed.append(ID(descriptor: first, generation: slots[Int(first)].generation))
            remove(first)
        }
        return removed
    }

    private mutating func move(_ descriptor: Int32, to state: State, at now: Instant) {
        unlink(descriptor)
        append(descriptor, to: state, at: now)
    }

    private mutating func releaseBytes(of descriptor: Int32) {
        heldBytes -= slots[Int(descriptor)].bytes
        slots[Int(descriptor)].bytes = 0
    }

    private mutating func remove(_ descriptor: Int32) {
        unlink(descriptor)
        releaseBytes(of: descriptor)
        slots[Int(descriptor)].isInUse = false
    }

    private mutating func append(_ descriptor: Int32, to state: State, at now: Instant) {
        let index = Int(descriptor)
        let last = lists[state.rawValue].last
        slots[index].state = state
        slots[index].since = now
        slots[index].previous = last
        slots[index].next = nil
        if let last { slots[Int(last)].next = descriptor } else { lists[state.rawValue].first = descriptor }
        lists[state.rawValue].last = descriptor
        lists[state.rawValue].count += 1
    }

    private mutating func unlink(_ descriptor: Int32) {
        let slot = slots[Int(descriptor)]
        let list = slot.state.rawValue
        if let previous = slot.previous { slots[Int(previous)].next = slot.next } else { lists[list].first = slot.next }
        if let next = slot.next { slots[Int(next)].previous = slot.previous } else { lists[list].last = slot.previous }
        lists[list].count -= 1
    }
}
