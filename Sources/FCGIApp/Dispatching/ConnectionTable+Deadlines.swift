// What becomes of connections and requests when time passes, and when the process is to stop.

import Runtime

extension ConnectionTable {
    /// The states that a request waits in, and why it is refused when it has waited there for too long.
    private static let waits: [(state: State, overload: Overload)] = [
        (.queued, .queueAge), (.queuedWrite, .writesAge), (.parked, .writesAge), (.resumed, .writesAge),
        (.queuedSearch, .searchesAge),
    ]

    /// Why a request is refused that has waited in this state for too long; nil: no request waits in it.
    static func overload(ofLongWaitIn state: State) -> Overload? {
        waits.first { $0.state == state }?.overload
    }

    /// When `expire` has something to do next; nil: time changes nothing.
    var nextDeadline: Instant? {
        var deadlines = State.allCases.compactMap { state -> Instant? in
            guard let limit = limit(of: state), let first = slots.first(state) else { return nil }
            return slots[first].since + limit
        }
        if let deadline = lifeCycle.deadline { deadlines.append(deadline) }
        if let end = polls.nextEnd { deadlines.append(end) }
        return deadlines.min()
    }

    /// What follows from the time that has passed.
    struct Expiry: Equatable {
        /// Connections that are to be closed now, since they took too long.
        var closed: [ID] = []
        /// Connections that are to be closed now, since the process has waited for them for long enough.
        var drained: [ID] = []
        /// How many requests are refused from now on.
        var refused = 0
        /// How many requests workers can take now that they could not before.
        var released = 0
    }

    /// Time has passed.
    mutating func expire(at now: Instant) -> Expiry {
        var expiry = Expiry()
        let couldKeepConnections = lifeCycle.keepsConnections
        lifeCycle.advance(to: now)
        if couldKeepConnections, !lifeCycle.keepsConnections {
            expiry.drained = removeAll(in: .idle, before: nil)
            expiry.released += endPolls(at: now)
        }
        let ended = polls.takeEnded(at: now, isStopping: lifeCycle.isStopping)
        expiry.released += wake(ended, ended: lifeCycle.isStopping ? .drain : .time, at: now)
        for state in [State.idle, .receiving] {
            if let limit = limit(of: state) { expiry.closed += removeAll(in: state, before: now - limit) }
        }
        for (state, overload) in Self.waits {
            while let first = slots.first(state), isOverdue(slots[first], at: now) {
                expiry.released += endTurns(of: first)
                slots[first].overload = overload
                // It has waited since it was whole.
                slots.move(first, to: .refused, since: slots[first].since)
                expiry.refused += 1
            }
        }
        return expiry
    }

    /// Whether a connection has been in its state for as long as it may be.
    func isOverdue(_ slot: ConnectionSlots.Slot, at now: Instant) -> Bool {
        limit(of: slot.state).map { slot.since + $0 <= now } ?? false
    }

    private func limit(of state: State) -> Interval? {
        switch state {
        // A peer that connected just before the stop may still send a request, but has less time for it.
        case .idle: lifeCycle.keepsConnections ? limits.idleTimeout : min(limits.idleTimeout, limits.receiveTimeout)
        case .receiving: limits.receiveTimeout
        case .queued, .queuedWrite, .queuedSearch, .parked, .resumed: limits.queueAge
        case .waiting, .woken, .refused, .serving: nil
        }
    }

    // MARK: Stopping

    /// What follows from a call of `stop`.
    struct Stop: Equatable {
        /// Connections that are to be closed now.
        var closed: [ID] = []
        /// How many requests workers can take now that they could not before.
        var released = 0
    }

    /// Somebody asks the process to stop, as `LifeCycle.stop` says.
    ///
    /// Polls that wait are answered spread over half of the drain, so that the instances to which their clients turn
    /// get them one by one; the other half is left for what they ask here before nginx retires their connections. Each
    /// keeps its place in that order where it is woken meanwhile and finds nothing new.
    mutating func stop(drainingUntil deadline: Instant, at now: Instant) -> Stop {
        lifeCycle.stop(drainingUntil: deadline)
        guard !lifeCycle.keepsConnections else {
            for (id, end) in polls.bringEndsForward(from: now, over: max(.zero, deadline - now) / 2) {
                slots[id.descriptor].poll?.end = end
            }
            return Stop()
        }
        return Stop(closed: removeAll(in: .idle, before: nil), released: endPolls(at: now))
    }

    /// The listener is closed.
    mutating func listenerClosed() {
        lifeCycle.listenerClosed(connections: count)
    }

    /// - Parameter moment: removes those that came into the state by then; nil: all.
    private mutating func removeAll(in state: State, before moment: Instant?) -> [ID] {
        var removed: [ID] = []
        while let first = slots.first(state) {
            if let moment, slots[first].since > moment { break }
            removed.append(ID(descriptor: first, generation: slots[first].generation))
            _ = remove(first)
        }
        return removed
    }
}
