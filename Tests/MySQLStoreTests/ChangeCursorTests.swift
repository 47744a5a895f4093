import Testing

@testable import MySQLStore

@Suite struct ChangeCursorTests {
    private let now: Int64 = 1_800_000_000_000

    private func message(_ id: Int64, ago: Int64) -> ChangedConversation {
        ChangedConversation(id: id, activity: now - ago, change: 0)
    }

    // MARK: Following

    @Test func whatWasToldIsNotToldAgain() {
        let rows = [message(1, ago: 10), message(2, ago: 500)]
        let cursor = ChangeCursor(at: now, told: rows)
        #expect(cursor.untold(of: rows) == [])
    }

    @Test func aNewChangeOfWhatWasToldIsTold() {
        let cursor = ChangeCursor(at: now, told: [message(1, ago: 10), message(2, ago: 500)])
        let changed = ChangedConversation(id: 2, activity: now - 500, change: now + 5)
        #expect(cursor.untold(of: [message(1, ago: 10), changed]) == [changed])
    }

    @Test func aChangeThatWasCommittedLateIsTold() {
        let cursor = ChangeCursor(at: now, told: [message(1, ago: 10)])
        let late = message(7, ago: 59_000)
        #expect(cursor.start <= late.activity)
        #expect(cursor.untold(of: [message(1, ago: 10), late]) == [late])
    }

    @Test func changesAreToldInTheirOrder() {
        let rows = [message(3, ago: 5), message(1, ago: 7), message(2, ago: 5)]
        #expect(ChangeCursor(at: now - 100, told: []).untold(of: rows)?.map(\.id) == [1, 2, 3])
    }

    @Test func aDatabaseThatHasGoneBackCannotBeFollowed() {
        let cursor = ChangeCursor(at: now, told: [message(1, ago: 10)])
        #expect(cursor.untold(of: []) == nil)
    }

    @Test func aChangeBeforeTheOverlapIsNotCarried() {
        let cursor = ChangeCursor(at: now, told: [message(1, ago: 70_000)])
        #expect(cursor.told == .conversations([:]))
    }

    @Test func theVersionIsThatSinceTheStart() {
        // The message lies before the start, and the other change behind it.
        let row = ChangedConversation(id: 1, activity: now - 90_000, change: now - 1_000)
        let cursor = ChangeCursor(at: now, told: [row])
        #expect(cursor.untold(of: [row.since(cursor.start)]) == [])
    }

    @Test func cursorsThatAreTooOldOrFromTheFutureCannotBeFollowed() {
        let cursor = ChangeCursor(at: now, told: [])
        #expect(cursor.canBeFollowed(at: now))
        #expect(cursor.canBeFollowed(at: now - 1_000), "the clocks of two hosts")
        #expect(!cursor.canBeFollowed(at: now - 10_000))
        #expect(cursor.canBeFollowed(at: now + 23 * 3_600_000))
        #expect(!cursor.canBeFollowed(at: now + 25 * 3_600_000))
    }

    // MARK: Many changes

    @Test func manyAreCarriedAsADigest() {
        let rows = (1...500).map { message($0, ago: 20_000 - $0) }
        let cursor = ChangeCursor(at: now, told: rows)
        guard case .digest = cursor.told else {
            Issue.record("no digest")
            return
        }
        #expect(cursor.bytes.count <= 768)
        #expect(cursor.untold(of: rows) == [])
        let new = message(9_999, ago: -10)
        #expect(cursor.untold(of: rows + [new]) == [new])
    }

    @Test func withADigestAChangeIsToldWithFewOthers() {
        let rows = (1...500).map { message($0, ago: 20_000 - $0) }
        let cursor = ChangeCursor(at: now, told: rows)
        var changed = rows
        changed[40].activity = now + 3
        let untold = cursor.untold(of: changed)?.map(\.id) ?? []
        #expect(untold.last == 41)
        #expect(untold.count <= 500 / ChangeCursor.sumCount + 1)
    }

    @Test func aLateChangeIsToldInADigest() {
        let rows = (1...500).map { message($0, ago: 20_000 - $0) }
        let cursor = ChangeCursor(at: now, told: rows)
        let late = message(777, ago: 50_000)
        #expect(cursor.untold(of: rows + [late])?.contains(late) == true)
    }

    @Test(arguments: [0, 3, 57]) func allAreToldPageByPage(extra: Int64) {
        // More than a page, and nothing changes meanwhile.
        let rows = (1...(1_000 + extra)).map { message($0, ago: 3_600_000 - $0 * 3_500) }
        var cursor = ChangeCursor(time: now - 3_600_000, start: now - 3_700_000, told: .conversations([:]))
        var told: [ChangedConversation] = []
        for _ in 0..<40 {
            let window = rows.map { $0.since(cursor.start) }.filter { $0.activity > 0 }
            guard let untold = cursor.untold(of: window) else {
                Issue.record("not followed")
                return
            }
            let page = Array(untold.prefix(100))
            told += page
            if page.isEmpty { break }
            let left = Set(untold.dropFirst(100).map(\.id))
            let known = window.filter { !left.contains($0.id) }
            cursor = ChangeCursor(at: now, told: known, upTo: left.isEmpty ? nil : page.last?.position)
        }
        #expect(Set(told.map(\.id)) == Set(rows.map(\.id)))
        #expect(cursor.untold(of: rows.map { $0.since(cursor.start) }.filter { $0.activity > 0 }) == [])
    }

    // MARK: Bytes

    @Test(arguments: [0, 1, 50, 500]) func aCursorIsReadAsItWasWritten(count: Int) {
        let rows = (0..<count).map { message(Int64($0) * 1_000_003 + 1, ago: Int64($0)) }
        let cursor = ChangeCursor(at: now, told: rows)
        #expect(ChangeCursor(bytes: cursor.bytes) == cursor)
        #expect(cursor.bytes.count <= 768)
    }

    @Test func nothingElseIsACursor() {
        let bytes = ChangeCursor(at: now, told: [message(1, ago: 10)]).bytes
        #expect(ChangeCursor(bytes: []) == nil)
        for length in bytes.indices { #expect(ChangeCursor(bytes: Array(bytes[..<length])) == nil) }
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= 0x10
            #expect(ChangeCursor(bytes: changed) == nil)
        }
        #expect(ChangeCursor(bytes: bytes + [0]) == nil)
    }
}
