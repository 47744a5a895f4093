// The connection table's memory: a slot for each connection, in lists by state.

import Runtime

/// Holds a slot for each descriptor that is a connection, linked into the list of its state.
///
/// Invariants: a slot that is in use is in exactly one of `lists`, the one of its state; each list is in the order
/// of its slots' `since`.
struct ConnectionSlots {
    struct Slot {
        fileprivate(set) var generation: UInt32 = 0
        fileprivate(set) var isInUse = false
        fileprivate(set) var state = ConnectionTable.State.idle
        /// When the connection came into its state; while a request waits, when that was whole.
        fileprivate(set) var since = Instant.now
        /// Whether the dispatcher's thread is reading from the connection.
        var isBeingRead = false
        /// Whether the peer closed the connection while its request was served.
        var isHungUp = false
        /// Whether something came in while a request waited or was served. It is read behind the answer.
        var hasInput = false
        var overload: ConnectionTable.Overload?
        /// The size of its request in bytes while that waits or is served. It counts towards the table's `heldBytes`.
        var bytes = 0
        /// When the request that is being served was whole.
        var arrival = Instant.now
        /// The id of the conversation that the request waits to write to, or is writing to.
        var conversation: Int64?
        /// Whether the request holds one of the permits of `WriteTurns`.
        var hasPermit = false
        /// Whether the request holds one of the permits of `SearchPermits`.
        var hasSearchPermit = false
        /// What is known of the request where it is a poll that has waited; nil: it is none, or has not waited.
        var poll: PollProgress?
        fileprivate var previous: Int32?
        fileprivate(set) var next: Int32?
    }

    /// How far a poll has come that has waited for news.
    struct PollProgress {
        /// When it first asked for a place.
        let began: Instant
        /// When it is answered although nothing has changed.
        var end: Instant
        /// How long it has waited so far.
        var waited = Interval.zero
        /// Why it waits no longer; nil: it waits, or something has changed.
        var ended: ConnectionTable.PollEnd?
    }

    private struct List {
        var first: Int32?
        var last: Int32?
        var count = 0
    }

    /// By descriptor: the kernel keeps those small.
    private var slots: [Slot] = []
    private var lists = [List](repeating: List(), count: ConnectionTable.State.allCases.count)

    func count(_ state: ConnectionTable.State) -> Int { lists[state.rawValue].count }

    var count: Int { lists.reduce(0) { $0 + $1.count } }

    /// The descriptor that has been in a state for longest; nil: none is in it.
    func first(_ state: ConnectionTable.State) -> Int32? { lists[state.rawValue].first }

    subscript(descriptor: Int32) -> Slot {
        get { slots[Int(descriptor)] }
        _modify { yield &slots[Int(descriptor)] }
    }

    /// Whether the connection that the id was given to is still there.
    func has(_ id: ConnectionTable.ID) -> Bool {
        let index = Int(id.descriptor)
        return index < slots.count && slots[index].isInUse && slots[index].generation == id.generation
    }

    /// Adds a new connection, in the state idle.
    mutating func add(_ descriptor: Int32, at now: Instant) -> ConnectionTable.ID {
        let index = Int(descriptor)
        while slots.count <= index { slots.append(Slot()) }
        precondition(!slots[index].isInUse, "a descriptor is open once")
        var slot = Slot()
        slot.generation = slots[index].generation &+ 1
        slot.isInUse = true
        slots[index] = slot
        insert(descriptor, into: .idle, since: now)
        return ConnectionTable.ID(descriptor: descriptor, generation: slot.generation)
    }

    mutating func remove(_ descriptor: Int32) {
        unlink(descriptor)
        slots[Int(descriptor)].isInUse = false
    }

    mutating func move(_ descriptor: Int32, to state: ConnectionTable.State, since: Instant) {
        unlink(descriptor)
        insert(descriptor, into: state, since: since)
    }

    /// Puts a slot into the list of a state, behind those that are older. Nearly always all of them are: only a
    /// request that has waited elsewhere can be older than the last.
    private mutating func insert(_ descriptor: Int32, into state: ConnectionTable.State, since: Instant) {
        let list = state.rawValue
        var previous = lists[list].last
        while let last = previous, slots[Int(last)].since > since { previous = slots[Int(last)].previous }
        let next = if let previous { slots[Int(previous)].next } else { lists[list].first }
        let index = Int(descriptor)
        slots[index].state = state
        slots[index].since = since
        slots[index].previous = previous
        slots[index].next = next
        if let previous { slots[Int(previous)].next = descriptor } else { lists[list].first = descriptor }
        if let next { slots[Int(next)].previous = descriptor } else { lists[list].last = descriptor }
        lists[list].count += 1
    }

    private mutating func unlink(_ descriptor: Int32) {
        let slot = slots[Int(descriptor)]
        let list = slot.state.rawValue
        if let previous = slot.previous { slots[Int(previous)].next = slot.next } else { lists[list].first = slot.next }
        if let next = slot.next { slots[Int(next)].previous = slot.previous } else { lists[list].last = slot.previous }
        lists[list].count -= 1
    }
}
