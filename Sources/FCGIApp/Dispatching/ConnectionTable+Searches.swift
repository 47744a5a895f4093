// Searches that wait for a permit, in a queue of their own.

import Runtime

extension ConnectionTable {
    /// Takes a permit for a request that is served, where it has none.
    ///
    /// - Returns: false where there is none now: the worker is to park the request.
    mutating func takeTurnToSearch(_ id: ID) -> Bool {
        if !slots[id.descriptor].hasSearchPermit {
            // The request was not known for a search when it came in.
            slots[id.descriptor].hasSearchPermit = searches.take(beside: turns.inProgress)
        }
        return slots[id.descriptor].hasSearchPermit
    }

    /// A worker gives a request back, since there is no permit for it.
    mutating func parkSearch(_ id: ID) -> Parking {
        let slot = slots[id.descriptor]
        guard !slot.isHungUp else {
            _ = remove(id.descriptor)
            return .close
        }
        guard count(.queuedSearch) < limits.searches.waiting else {
            slots[id.descriptor].overload = .searchesFull
            slots.move(id.descriptor, to: .refused, since: slot.arrival)
            return .refused
        }
        slots.move(id.descriptor, to: .queuedSearch, since: slot.arrival)
        // A worker can take it where a permit was given back in the meantime: the one that gives it back looks itself.
        return .parked(until: slot.arrival + limits.queueAge)
    }

    /// Whether a search that has just come in finds no place to wait in.
    var isFullForSearches: Bool {
        let freeWorkers = max(0, limits.workers - count(.serving))
        let taken = min(freeWorkers, searches.left(beside: turns.inProgress))
        return count(.queuedSearch) >= limits.searches.waiting + taken
    }

    /// The queued search that a worker may take now, by its descriptor.
    var nextSearch: Int32? { searches.left(beside: turns.inProgress) > 0 ? slots.first(.queuedSearch) : nil }
}
