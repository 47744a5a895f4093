// A connection table for tests.

import Runtime

@testable import FCGIApp

/// A table whose changes can stand in an expectation, which takes no mutating call.
final class SharedTable {
    private var table: ConnectionTable

    init(_ limits: ConnectionTable.Limits) {
        table = ConnectionTable(limits)
        table.lifeCycle.start()
    }

    var count: Int { table.count }
    var room: Int { table.room }
    var phase: LifeCycle.Phase { table.lifeCycle.phase }
    var nextDeadline: Instant? { table.nextDeadline }
    var heldBytes: Int { table.heldBytes }
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
        at now: Instant
    ) -> ConnectionTable.State? {
        table.receivedRequest(id, bytes: bytes, writes: writes, at: now)
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
    func finished(
        _ id: ConnectionTable.ID,
        staysOpen: Bool,
        hasInput: Bool,
        at now: Instant
    ) -> ConnectionTable.Completion {
        table.finished(id, staysOpen: staysOpen, hasInput: hasInput, at: now)
    }
    func stop(drainingUntil deadline: Instant) -> [ConnectionTable.ID] { table.stop(drainingUntil: deadline) }
    func listenerClosed() { table.listenerClosed() }
    func expire(at now: Instant) -> ConnectionTable.Expiry { table.expire(at: now) }
}
