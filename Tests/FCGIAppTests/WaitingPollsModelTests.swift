// The protocol between polls and the watcher, in every order in which its steps can happen.

import MySQLStore
import Runtime
import Testing

@testable import FCGIApp

/// A model of polls, of a database that changes, and of the watcher. The part in the middle is the real `WaitingPolls`.
@Suite struct WaitingPollsModelTests {
    @Test(arguments: 1...2, 1...3) func noWakeIsLost(polls: Int, changes: Int) {
        let search = Search(polls: polls, changes: changes, comparesGenerations: true)
        #expect(search.statesWithALostWake == 0)
        #expect(search.states > 40 * polls * changes)
    }

    @Test func withoutTheGenerationWakesWouldBeLost() {
        #expect(Search(polls: 1, changes: 1, comparesGenerations: false).statesWithALostWake > 0)
    }
}

/// Where a poll is. A number is that of the changes that its last statement has seen.
private enum Step: Hashable {
    case queued
    case assigned(generation: UInt64)
    case hasReadNothingNew(generation: UInt64, seen: Int)
    case waiting(seen: Int)
    case answered
    case gone
}

private struct State {
    var polls: [Step]
    /// How many changes are committed.
    var committed = 0
    /// How many the watcher has reported.
    var reported = 0
    /// How many the watcher's look has found that is not reported yet.
    var found: Int?
    var waiting = WaitingPolls(.init(polls: 10, pollsOfUser: 10))

    /// What tells one state from another: the rest follows from it.
    var key: Key {
        Key(polls: polls, committed: committed, reported: reported, found: found, generation: waiting.generation)
    }

    struct Key: Hashable {
        var polls: [Step]
        var committed: Int
        var reported: Int
        var found: Int?
        var generation: UInt64
    }

    /// Whether a poll waits for a change that will not be reported any more.
    var hasLostWake: Bool {
        polls.contains { step in
            if case .waiting(let seen) = step { seen < reported } else { false }
        }
    }
}

/// Visits all states that can be reached from the first.
private struct Search {
    private(set) var states = 0
    private(set) var statesWithALostWake = 0

    private let changes: Int
    private let comparesGenerations: Bool
    private let start = Instant.now
    private let subject = ChangeSubject.messages(conversation: 1)

    init(polls: Int, changes: Int, comparesGenerations: Bool) {
        self.changes = changes
        self.comparesGenerations = comparesGenerations
        var visited: Set<State.Key> = []
        var open = [State(polls: Array(repeating: .queued, count: polls))]
        while let state = open.popLast() {
            guard visited.insert(state.key).inserted else { continue }
            states += 1
            if state.hasLostWake { statesWithALostWake += 1 }
            open += next(state)
        }
    }

    private func next(_ state: State) -> [State] {
        var following: [State] = []
        if state.committed < changes {
            var next = state
            next.committed += 1
            following.append(next)
        }
        if let found = state.found {
            following.append(report(found, in: state))
        } else {
            var next = state
            next.found = state.committed
            following.append(next)
        }
        for place in state.polls.indices { following += steps(of: place, in: state) }
        return following
    }

    private func report(_ found: Int, in state: State) -> State {
        var next = state
        next.found = nil
        for id in next.waiting.report(found > state.reported ? [subject] : []) {
            next.polls[Int(id.descriptor)] = .queued
        }
        next.reported = max(state.reported, found)
        return next
    }

    private func steps(of place: Int, in state: State) -> [State] {
        let id = ConnectionTable.ID(descriptor: Int32(place), generation: 1)
        var next = state
        switch state.polls[place] {
        case .queued:
            next.polls[place] = .assigned(generation: state.waiting.generation)
        case .assigned(let generation):
            // A change that is there is new to the poll, which then is answered.
            next.polls[place] =
                state.committed > 0 ? .answered : .hasReadNothingNew(generation: generation, seen: state.committed)
        case .hasReadNothingNew(let generation, let seen):
            let poll = WaitingPolls.Poll(id: id, user: 1, subject: subject, began: start, end: start + .seconds(20))
            switch next.waiting.register(poll, since: comparesGenerations ? generation : state.waiting.generation) {
            case .waiting: next.polls[place] = .waiting(seen: seen)
            case .outrun: next.polls[place] = .queued
            case .full, .superseded: next.polls[place] = .answered
            }
        case .waiting:
            // Its time is over, or its peer hangs up.
            var ended = state
            _ = ended.waiting.takeEnded(at: start + .seconds(21))
            for other in ended.polls.indices where ended.polls[other].isWaiting { ended.polls[other] = .answered }
            next.waiting.remove(id)
            next.polls[place] = .gone
            return [ended, next]
        case .answered, .gone:
            return []
        }
        return [next]
    }
}

extension Step {
    fileprivate var isWaiting: Bool { if case .waiting = self { true } else { false } }
}
