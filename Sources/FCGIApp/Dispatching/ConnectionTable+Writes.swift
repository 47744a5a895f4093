// Writes that wait: for a permit in a queue of their own, and parked for the turn of their conversation.

import Runtime

extension ConnectionTable {
    /// Takes a turn to write to a conversation for a request that is served.
    ///
    /// - Returns: false where there is none now: the worker is to park the request.
    mutating func takeTurn(_ id: ID, toWriteTo conversation: Int64) -> Bool {
        if !slots[id.descriptor].hasPermit {
            // The request was not known for a write when it came in.
            guard turns.takePermit() else { return false }
            slots[id.descriptor].hasPermit = true
        }
        guard turns.take(conversation) else { return false }
        slots[id.descriptor].conversation = conversation
        return true
    }

    /// What becomes of a request that its worker has given back.
    enum Parking: Equatable {
        /// The request waits for its turn, and is refused at that time.
        case parked(until: Instant)
        /// The request's turn has come in the meantime.
        case resumed
        /// Too many requests wait already.
        case refused
        /// The peer has closed the connection, which is to be closed here, too.
        case close
    }

    /// A worker gives a request back, since its turn to write has not come.
    mutating func park(_ id: ID, toWriteTo conversation: Int64) -> Parking {
        let slot = slots[id.descriptor]
        guard !slot.isHungUp else {
            _ = remove(id.descriptor)
            return .close
        }
        if takeTurn(id, toWriteTo: conversation) {
            slots.move(id.descriptor, to: .resumed, since: slot.arrival)
            return .resumed
        }
        // Nobody needs to be woken for the permit: the worker that gives the request back looks for another one itself.
        _ = endTurns(of: id.descriptor)
        guard turns.park(conversation, beside: count(.queuedWrite)) else {
            slots[id.descriptor].overload = .writesFull
            slots.move(id.descriptor, to: .refused, since: slot.arrival)
            return .refused
        }
        slots[id.descriptor].conversation = conversation
        slots.move(id.descriptor, to: .parked, since: slot.arrival)
        return .parked(until: slot.arrival + limits.queueAge)
    }

    /// Whether a write that has just come in finds no place to wait in.
    var isFullForWrites: Bool {
        let freeWorkers = max(0, limits.workers - count(.serving))
        return count(.queuedWrite) + turns.parkedCount >= limits.writes.waiting + min(freeWorkers, turns.permitsLeft)
    }

    /// The queued write that a worker may take now, by its descriptor.
    var nextWrite: Int32? { turns.permitsLeft > 0 ? slots.first(.queuedWrite) : nil }

    /// Gives back what a connection's request holds of `turns` and `searches`: it has been answered, has been refused, or
    /// goes back.
    ///
    /// - Returns: how many requests workers can take now that they could not before.
    mutating func endTurns(of descriptor: Int32) -> Int {
        let slot = slots[descriptor]
        slots[descriptor].conversation = nil
        slots[descriptor].hasPermit = false
        slots[descriptor].hasSearchPermit = false
        if let conversation = slot.conversation {
            if slot.state == .parked { turns.unpark(conversation) } else { turns.giveBack(conversation) }
        }
        guard slot.hasPermit || slot.hasSearchPermit else { return 0 }
        var released = 0
        if slot.hasSearchPermit { searches.giveBack() }
        if slot.hasPermit {
            turns.givePermitBack()
            released += resumeParked() + (nextWrite == nil ? 0 : 1)
        }
        // A write's end can leave a worker to one more search, too.
        return released + (nextSearch == nil ? 0 : 1)
    }

    /// Gives the permits that are left to the parked writes that have waited longest, and whose conversation has a
    /// turn for them.
    private mutating func resumeParked() -> Int {
        var resumed = 0
        var candidate = slots.first(.parked)
        while let descriptor = candidate, turns.permitsLeft > 0 {
            let slot = slots[descriptor]
            candidate = slot.next
            guard let conversation = slot.conversation, turns.resume(conversation) else { continue }
            slots[descriptor].hasPermit = true
            slots.move(descriptor, to: .resumed, since: slot.since)
            resumed += 1
        }
        return resumed
    }
}
