// Writes that wait for their turn: which of them a worker gets, and which are parked.

import MySQLStore

extension ConnectionTable {
    /// Whether the request that is served may write to a conversation now. Else its worker is to park it.
    mutating func takeTurn(_ id: ID, toWriteTo conversation: Int64) -> Bool {
        guard turns.take(conversation) else { return false }
        slots[id.descriptor].conversation = conversation
        return true
    }

    /// What becomes of a request that its worker gives back.
    enum Parking: Equatable {
        /// It waits for its turn, no longer than until then.
        case parked(until: Instant)
        /// Its turn has come in the meantime.
        case resumed
        /// Too many wait.
        case refused
        /// Its peer has gone: the connection is to be closed.
        case close
    }

    /// The worker that took the request gives it back, since its turn to write has not come.
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
        guard turns.park(conversation) else {
            slots[id.descriptor].refusal = .parkedFull
            slots.move(id.descriptor, to: .refused, since: slot.arrival)
            return .refused
        }
        slots[id.descriptor].conversation = conversation
        slots.move(id.descriptor, to: .parked, since: slot.arrival)
        return .parked(until: slot.arrival + limits.queueAge)
    }

    /// Its request writes no longer, or waits no longer to do so; gives how many parked writes were resumed.
    mutating func endWait(of descriptor: Int32) -> Int {
        guard let conversation = slots[descriptor].conversation else { return 0 }
        slots[descriptor].conversation = nil
        guard slots[descriptor].state != .parked else {
            turns.unpark(conversation)
            return 0
        }
        turns.giveBack(conversation)
        return resumeParked()
    }

    /// Gives the turns that are free to the writes that have waited longest.
    private mutating func resumeParked() -> Int {
        var resumed = 0
        var candidate = slots.first(.parked)
        while let descriptor = candidate, turns.hasTurns {
            let slot = slots[descriptor]
            candidate = slot.next
            guard let conversation = slot.conversation, turns.resume(conversation) else { continue }
            slots.move(descriptor, to: .resumed, since: slot.since)
            resumed += 1
        }
        return resumed
    }
}
