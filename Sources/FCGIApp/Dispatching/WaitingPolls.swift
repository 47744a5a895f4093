// The polls that wait for news, and what each of them waits for.

import MySQLStore
import Runtime

/// Decides which poll may wait, which one a change wakes, and which one's time is over, without clock and I/O.
///
/// A poll registers after its statement has found nothing new, and the watcher reports the changes that it has seen
/// committed. No change can fall between the two: `generation` grows with each report that names a change, and a poll
/// that read it before its statement is refused its place where it has grown since. So whatever is committed behind the
/// poll's statement is either reported later, to a poll that has its place by then, or has been reported in between,
/// which the generation tells.
///
/// Invariants: each poll stands in the lists of its subject and of its user, and in the list of the tick at which its
/// time is over.
struct WaitingPolls {
    /// Bounds on the polls that wait.
    struct Limits: Hashable, Sendable {
        /// The most polls that wait at once.
        var polls: Int
        /// The most polls of one user. One more ends the user's oldest.
        var pollsOfUser: Int
    }

    /// A poll that asks for a place.
    struct Poll: Hashable, Sendable {
        var id: ConnectionTable.ID
        var user: Int64
        var subject: ChangeSubject
        /// When it first asked for a place.
        var began: Instant
        /// When it is answered although nothing has changed.
        var end: Instant
    }

    /// What becomes of a poll that asks for a place.
    enum Registration: Hashable {
        /// It waits. Where its user had as many polls as there may be, the oldest of them waits no longer.
        case waiting(ended: ConnectionTable.ID?)
        /// A change was reported while its statement ran: it is to run the statement again.
        case outrun
        /// It has waited before, and its user has begun as many polls since as there may be.
        case superseded
        /// No further poll may wait.
        case full
    }

    /// Counts of polls whose wait has ended, since the start of the process.
    struct Counts: Hashable, Sendable {
        /// A change was reported.
        var changed = 0
        /// Changes may have been missed.
        var gap = 0
        /// The time was over.
        var ended = 0
        /// The process stops.
        var drained = 0
        /// The user had begun too many.
        var superseded = 0
        /// The poll could not begin to wait.
        var refused = 0
    }

    let limits: Limits
    /// Whether changes are being looked for. While they cannot be, no further poll may wait: nothing would wake it.
    var isWatched = true
    private(set) var counts = Counts()
    /// How many reports have named a change.
    private(set) var generation: UInt64 = 0
    private var polls: [ConnectionTable.ID: Poll] = [:]
    private var subjects: [ChangeSubject: [ConnectionTable.ID]] = [:]
    /// The polls of each user, the oldest first. A poll that was woken and waits again keeps its age.
    private var users: [Int64: [ConnectionTable.ID]] = [:]
    private var ends = TickQueue<ConnectionTable.ID>()

    init(_ limits: Limits) {
        self.limits = limits
    }

    var count: Int { polls.count }
    var isEmpty: Bool { polls.isEmpty }

    /// When `takeEnded` has something to do next; nil: no poll waits.
    var nextEnd: Instant? { isEmpty ? nil : ends.next }

    /// Asks for a place.
    ///
    /// - Parameter generation: as it was before the poll's statement.
    mutating func register(_ poll: Poll, since generation: UInt64) -> Registration {
        guard generation == self.generation else { return .outrun }
        guard isWatched, limits.pollsOfUser > 0, count < limits.polls else {
            refuse()
            return .full
        }
        var ended: ConnectionTable.ID?
        if let others = users[poll.user], others.count >= limits.pollsOfUser {
            counts.superseded += 1
            guard let oldest = polls[others[0]], oldest.began <= poll.began else { return .superseded }
            ended = oldest.id
            remove(oldest.id)
        }
        polls[poll.id] = poll
        subjects[poll.subject, default: []].append(poll.id)
        let younger = users[poll.user]?.reversed().prefix { (polls[$0]?.began ?? poll.began) > poll.began }.count ?? 0
        users[poll.user, default: []].insert(poll.id, at: (users[poll.user]?.count ?? 0) - younger)
        ends.insert(poll.id, at: poll.end)
        return .waiting(ended: ended)
    }

    /// Changes were seen; gives the polls that wait for them, which wait no longer.
    mutating func report(_ changed: some Sequence<ChangeSubject>) -> [ConnectionTable.ID] {
        var woken: [ConnectionTable.ID] = []
        var hasChange = false
        for subject in changed {
            hasChange = true
            guard let waiting = subjects[subject] else { continue }
            woken += waiting
            for id in waiting { remove(id) }
        }
        if hasChange { generation &+= 1 }
        counts.changed += woken.count
        return woken
    }

    /// What was reported may have had gaps; gives all polls, which wait no longer, so that they look for themselves.
    mutating func reportGap() -> [ConnectionTable.ID] {
        generation &+= 1
        let all = removeAll()
        counts.gap += all.count
        return all
    }

    /// A poll was refused its place, for a reason of the table's own.
    mutating func refuse() {
        counts.refused += 1
    }

    /// Gives the polls whose time is over; they wait no longer.
    ///
    /// - Parameter isStopping: whether the process stops: their time was brought forward then.
    mutating func takeEnded(at now: Instant, isStopping: Bool = false) -> [ConnectionTable.ID] {
        var ended: [ConnectionTable.ID] = []
        for id in ends.take(until: now) {
            // The queue keeps a poll that has left, and has one twice that has come again or whose end was changed.
            guard let poll = polls[id], poll.end <= now else { continue }
            remove(id)
            ended.append(id)
        }
        if isStopping { counts.drained += ended.count } else { counts.ended += ended.count }
        return ended
    }

    /// Gives all polls; they wait no longer.
    mutating func takeAll() -> [ConnectionTable.ID] {
        let all = removeAll()
        counts.drained += all.count
        return all
    }

    /// Spreads the ends of all polls evenly over a time, for those that end later; gives these, each with its new end.
    mutating func bringEndsForward(from now: Instant, over time: Interval) -> [(id: ConnectionTable.ID, end: Instant)] {
        guard !isEmpty else { return [] }
        let step = Interval.microseconds(time.microseconds / Int64(count))
        var end = now
        var moved: [(id: ConnectionTable.ID, end: Instant)] = []
        for id in polls.keys {
            end = end + step
            guard let poll = polls[id], poll.end > end else { continue }
            polls[id]?.end = end
            ends.insert(id, at: end)
            moved.append((id, end))
        }
        return moved
    }

    private mutating func removeAll() -> [ConnectionTable.ID] {
        defer {
            polls = [:]
            subjects = [:]
            users = [:]
            ends = TickQueue()
        }
        return Array(polls.keys)
    }

    /// The poll waits no longer, for whatever reason.
    mutating func remove(_ id: ConnectionTable.ID) {
        guard let poll = polls.removeValue(forKey: id) else { return }
        subjects.remove(id, from: poll.subject)
        users.remove(id, from: poll.user)
    }
}

extension Dictionary where Value == [ConnectionTable.ID] {
    fileprivate mutating func remove(_ id: ConnectionTable.ID, from key: Key) {
        guard let place = self[key]?.firstIndex(of: id) else { return }
        self[key]?.remove(at: place)
        if self[key]?.isEmpty ?? false { self[key] = nil }
    }
}
