// Which request a free thread takes next.

import Runtime

extension ConnectionTable {
    /// Gives a free worker the write whose turn has come, or else the request that has waited longest. Woken polls and
    /// other requests are taken in turn: a change can wake thousands, behind which others would wait for too long.
    mutating func takeRequest(at now: Instant) -> Assignment? {
        if let resumed = take(from: .resumed, at: now) { return resumed }
        prefersWoken.toggle()
        if prefersWoken, let woken = take(from: .woken, at: now) { return woken }
        return takeQueued(at: now) ?? take(from: .woken, at: now)
    }

    private mutating func takeQueued(at now: Instant) -> Assignment? {
        var state = State.queued
        var first = slots.first(.queued)
        func consider(_ other: State, _ next: Int32?) {
            guard let next, first.map({ slots[next].since < slots[$0].since }) ?? true else { return }
            (state, first) = (other, next)
        }
        consider(.queuedWrite, nextWrite)
        consider(.queuedSearch, nextSearch)
        guard let first else { return nil }
        if state == .queuedWrite { slots[first].hasPermit = turns.takePermit() }
        if state == .queuedSearch { slots[first].hasSearchPermit = searches.take(beside: turns.inProgress) }
        return take(from: state, at: now)
    }

    /// Gives the refused request that has waited longest.
    mutating func takeRefused(at now: Instant) -> Assignment? {
        take(from: .refused, at: now)
    }

    private mutating func take(from state: State, at now: Instant) -> Assignment? {
        guard let first = slots.first(state) else { return nil }
        let slot = slots[first]
        let id = ID(descriptor: first, generation: slot.generation)
        let overload = slot.overload ?? (isOverdue(slot, at: now) ? Self.overload(ofLongWaitIn: state) : nil)
        slots[first].arrival = slot.since
        slots.move(first, to: .serving, since: now)
        return Assignment(
            id: id,
            waited: now - slot.since,
            overload: overload,
            hasTurn: state == .resumed,
            polling: polling(of: slot),
            waitedForNews: slot.poll?.waited ?? .zero
        )
    }
}
