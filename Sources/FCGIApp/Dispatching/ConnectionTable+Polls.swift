// Polls that wait for news: given back by a worker, and woken by a change or by time.

import MySQLStore
import Runtime

extension ConnectionTable {
    /// What a request may do where it is a poll.
    enum Polling: Equatable {
        /// It may wait where it finds nothing new. `generation` is that of `WaitingPolls` before its statement.
        case mayWait(generation: UInt64)
        /// It has waited, and is answered that nothing is new, without a statement.
        case isOver(PollEnd)
    }

    /// Why a poll waits no longer although nothing has changed.
    enum PollEnd {
        /// The time that it asked for is over.
        case time
        /// No further poll may wait, or its user has begun too many.
        case limit
        /// The process stops.
        case drain
    }

    /// What becomes of a poll that its worker has given back.
    enum Placement: Equatable {
        /// It waits, until then at the longest. `released`: how many requests workers can take now that they could not
        /// before.
        case waiting(until: Instant, released: Int)
        /// It is to be taken up again at once, by the worker that gave it back.
        case woken
        /// The peer has closed the connection, which is to be closed here, too.
        case close
    }

    /// The size in bytes of the largest request that may wait.
    static let largestPoll = 4_096

    /// A worker gives a poll back that has found nothing new.
    ///
    /// - Parameters:
    ///   - end: when it is answered although nothing has changed, where it has not waited before.
    ///   - generation: as it was assigned.
    mutating func wait(
        _ id: ID,
        for subject: ChangeSubject,
        of user: Int64,
        until end: Instant,
        since generation: UInt64,
        at now: Instant
    ) -> Placement {
        let slot = slots[id.descriptor]
        guard !slot.isHungUp else {
            _ = remove(id.descriptor)
            return .close
        }
        var progress = slot.poll ?? ConnectionSlots.PollProgress(began: now, end: end)
        let registration: WaitingPolls.Registration? =
            if progress.end <= now || !mayWait(slot) { nil } else {
                polls.register(
                    .init(id: id, user: user, subject: subject, began: progress.began, end: progress.end),
                    since: generation
                )
            }
        switch registration {
        case .waiting(let other):
            slots[id.descriptor].poll = progress
            slots.move(id.descriptor, to: .waiting, since: now)
            return .waiting(until: progress.end, released: wake(other.map { [$0] } ?? [], ended: .limit, at: now))
        case .outrun:
            break
        case .full, .superseded:
            progress.ended = .limit
        case nil:
            progress.ended = lifeCycle.isStopping ? .drain : progress.end <= now ? .time : .limit
            if slot.poll == nil, progress.ended != .time { polls.refuse() }
        }
        slots[id.descriptor].poll = progress
        slots.move(id.descriptor, to: .woken, since: now)
        return .woken
    }

    /// Whether a poll may wait, or go on with that, as far as the process and the size of the poll say.
    ///
    /// In a drain those go on that waited before: each has its end. None waits before the process has answered a request:
    /// nginx sends one at a time to an instance that was away, and the next ones when that is answered.
    private func mayWait(_ slot: ConnectionSlots.Slot) -> Bool {
        if lifeCycle.isStopping { return lifeCycle.keepsConnections && slot.poll != nil }
        return hasAnswered && slot.bytes <= Self.largestPoll
    }

    /// The watcher has seen changes; gives how many polls wait no longer.
    mutating func report(_ changes: some Sequence<ChangeSubject>, at now: Instant) -> Int {
        wake(polls.report(changes), ended: nil, at: now)
    }

    /// The watcher may have missed changes: all polls look for themselves; gives how many there were.
    mutating func reportGap(at now: Instant) -> Int {
        wake(polls.reportGap(), ended: nil, at: now)
    }

    /// Ends the wait of all polls; gives how many there were.
    mutating func endPolls(at now: Instant) -> Int {
        wake(polls.takeAll(), ended: .drain, at: now)
    }

    /// What a request may do that is taken now.
    func polling(of slot: ConnectionSlots.Slot) -> Polling {
        slot.poll?.ended.map { .isOver($0) } ?? .mayWait(generation: polls.generation)
    }

    /// Hands polls, which have left `polls`, to the workers; gives how many there are.
    mutating func wake(_ ids: [ID], ended: PollEnd?, at now: Instant) -> Int {
        for id in ids {
            let slot = slots[id.descriptor]
            slots[id.descriptor].poll?.waited += now - slot.since
            slots[id.descriptor].poll?.ended = ended
            slots.move(id.descriptor, to: .woken, since: now)
        }
        return ids.count
    }
}
