// A connection table for tests.

import MySQLStore
import Runtime

@testable import FCGIApp

/// A table whose changes can stand in an expectation, which takes no mutating call.
final class SharedTable {
    private var table: ConnectionTable

    /// - Parameter hasAnswered: whether a request was answered before.
    init(_ limits: ConnectionTable.Limits, hasAnswered: Bool = true) {
        table = ConnectionTable(limits)
        table.hasAnswered = hasAnswered
        table.lifeCycle.start()
    }

    var count: Int { table.count }
    var room: Int { table.room }
    var phase: LifeCycle.Phase { table.lifeCycle.phase }
    var nextDeadline: Instant? { table.nextDeadline }
    var heldBytes: Int { table.heldBytes }
    var generation: UInt64 { table.polls.generation }
    var writersCount: Int { table.writersCount }
    var parkedCount: Int { table.turns.parkedCount }

    func count(_ state: ConnectionTable.State) -> Int { table.count(state) }
    func accepted(_ descriptor: Int32, at now: Instant) -> ConnectionTable.ID {
        table.accepted(descriptor, at: now)
    }
    func beginReading(_ id: ConnectionTable.ID) -> Bool { table.beginReading(id) }
    func receivedNothing(_ id: ConnectionTable.ID) { table.receivedNothing(id) }
    func receivedPart(_ id: ConnectionTable.ID, at now: Instant) { table.receivedPart(id, at: now) }
    func receivedRequest(
        _ id: ConnectionTable.ID,
        bytes: Int = 0,
        writes: Bool = false,
        searches: Bool = false,
        at now: Instant
    ) -> ConnectionTable.State? {
        table.receivedRequest(id, bytes: bytes, kind: writes ? .write : searches ? .search : .other, at: now)
    }
    func ended(_ id: ConnectionTable.ID) -> ConnectionTable.HangUp { table.ended(id) }
    func takeRequest(at now: Instant) -> ConnectionTable.Assignment? { table.takeRequest(at: now) }
    func takeRefused(at now: Instant) -> ConnectionTable.Assignment? { table.takeRefused(at: now) }
    func takeTurn(_ id: ConnectionTable.ID, toWriteTo conversation: Int64) -> Bool {
        table.takeTurn(id, toWriteTo: conversation)
    }
    func park(_ id: ConnectionTable.ID, toWriteTo conversation: Int64) -> ConnectionTable.Parking {
        table.park(id, toWriteTo: conversation)
    }
    var searchesCount: Int { table.searches.inProgress }
    func takeTurnToSearch(_ id: ConnectionTable.ID) -> Bool { table.takeTurnToSearch(id) }
    func parkSearch(_ id: ConnectionTable.ID) -> ConnectionTable.Parking { table.parkSearch(id) }
    func finished(
        _ id: ConnectionTable.ID,
        staysOpen: Bool,
        hasInput: Bool,
        at now: Instant
    ) -> ConnectionTable.Completion {
        table.finished(id, staysOpen: staysOpen, hasInput: hasInput, at: now)
    }
    func wait(
        _ id: ConnectionTable.ID,
        for subject: ChangeSubject,
        of user: Int64,
        until end: Instant,
        since generation: UInt64,
        at now: Instant
    ) -> ConnectionTable.Placement {
        table.wait(id, for: subject, of: user, until: end, since: generation, at: now)
    }
    func report(_ subjects: [ChangeSubject], at now: Instant) -> Int { table.report(subjects, at: now) }
    func setWatched(_ isWatched: Bool) { table.polls.isWatched = isWatched }
    func reportGap(at now: Instant) -> Int { table.reportGap(at: now) }
    func stop(drainingUntil deadline: Instant, at now: Instant) -> [ConnectionTable.ID] {
        table.stop(drainingUntil: deadline, at: now).closed
    }
    func listenerClosed() { table.listenerClosed() }
    func expire(at now: Instant) -> ConnectionTable.Expiry { table.expire(at: now) }
}
