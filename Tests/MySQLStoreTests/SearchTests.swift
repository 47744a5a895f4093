// The values that a search is made of: its cursor, its pace, and where a text matches.

import Runtime
import Testing

@testable import MySQLStore

@Suite struct SearchCursorTests {
    private let search = MessageSearch(text: "合同", type: "file", conversation: nil)

    private func changed(_ change: (inout SearchCursor) -> Void) -> SearchCursor {
        var cursor = SearchCursor(of: search)
        change(&cursor)
        return cursor
    }

    private var cursors: [SearchCursor] {
        [
            SearchCursor(of: search),
            changed { $0.start = 1_700_000_000_000 },
            changed { $0.walk = .byActivity(below: .init(time: 1_700_000_000_000, conversation: 5)) },
            changed { $0.walk = .again(below: .max) },
            changed { $0.inside = .init(conversation: 7, before: .end) },
            changed { $0.inside = .init(conversation: .max, before: .init(time: 0, id: 3)) },
            changed { $0.step = 16 },
            changed { cursor in
                cursor.start = 1_700_000_000_000
                cursor.told = (1...64).map { .init(conversation: $0, activity: 1_700_000_000_000 - $0) }
            },
        ]
    }

    @Test func aCursorIsReadAsItWasWritten() {
        for cursor in cursors { #expect(SearchCursor(bytes: cursor.bytes) == cursor) }
        var inConversation = SearchCursor(of: MessageSearch(text: "x", type: nil, conversation: .id(5)))
        inConversation.inside = .init(conversation: 5, before: .init(time: 1, id: 2))
        #expect(SearchCursor(bytes: inConversation.bytes) == inConversation)
    }

    @Test func whatWasCutOrChangedIsNoCursor() {
        for cursor in cursors {
            let bytes = cursor.bytes
            for length in 0..<bytes.count { #expect(SearchCursor(bytes: Array(bytes[..<length])) == nil) }
            for place in bytes.indices {
                var changed = bytes
                changed[place] ^= 0x40
                #expect(SearchCursor(bytes: changed) == nil)
            }
            #expect(SearchCursor(bytes: bytes + [0]) == nil)
        }
    }

    @Test func aCursorIsNeverTooLong() {
        var cursor = SearchCursor(of: search)
        cursor.start = 1_700_000_000_000
        cursor.told = (0..<64).map { .init(conversation: .max - $0, activity: .max / 2) }
        #expect(cursor.bytes.count <= 768)
        // What is left out is told twice.
        #expect(SearchCursor(bytes: cursor.bytes)?.told == [])
    }

    @Test func inOneConversationAPlaceBelongsToACursor() {
        let cursor = SearchCursor(of: MessageSearch(text: "x", type: nil, conversation: .id(5)))
        #expect(SearchCursor(bytes: cursor.bytes) == nil)
    }

    @Test func aCursorBelongsToOneSearch() {
        let cursor = SearchCursor(of: search)
        #expect(cursor.belongs(to: search))
        for other in [
            MessageSearch(text: "合", type: "file", conversation: nil),
            MessageSearch(text: "合同", type: nil, conversation: nil),
            MessageSearch(text: nil, type: "file", conversation: nil),
            MessageSearch(text: "合同", type: "file", conversation: .id(5)),
            MessageSearch(text: "合同", type: "file", conversation: .code("CONV_1_5")),
        ] { #expect(!cursor.belongs(to: other)) }
    }
}

@Suite struct SearchPaceTests {
    private let start = Instant.now
    private let limits = SearchPace.Limits(messages: 100_000, time: .milliseconds(75))

    private func pace(step: Int? = nil, deadline: Interval = .seconds(3)) -> SearchPace {
        SearchPace(limits, step: step, begun: start, until: start + deadline)
    }

    @Test func stepsGrowAsLongAsTheyAreQuick() {
        var pace = pace()
        #expect(pace.step == 2_000)
        pace.looked(at: 2_000, for: .milliseconds(1))
        #expect(pace.step == 8_000)
        pace.looked(at: 8_000, for: .microseconds(7_500))
        #expect(pace.step == 16_000)
        pace.looked(at: 16_000, for: .milliseconds(30))
        #expect(pace.step == 8_000)
    }

    @Test func aCallLooksAtABoundedNumberForABoundedTime() {
        var pace = pace()
        #expect(pace.mayGoOn(at: start + .milliseconds(74)))
        #expect(!pace.mayGoOn(at: start + .milliseconds(75)))
        for _ in 0..<20 where pace.mayGoOn(at: start) { pace.looked(at: pace.step, for: .milliseconds(1)) }
        #expect(!pace.mayGoOn(at: start))
    }

    @Test func theRequestsOwnTimeIsNotUsedUp() {
        let pace = pace(deadline: .milliseconds(100))
        #expect(pace.mayGoOn(at: start + .milliseconds(49)))
        #expect(!pace.mayGoOn(at: start + .milliseconds(50)))
    }

    @Test func aStepThatIsStoppedMakesTheSearchSlowUntilMessagesAreShort() {
        var pace = pace()
        pace.stopped()
        #expect(pace.isSlow && pace.step == 16 && pace.stepToKeep == 16)
        let long = SearchPace.ReadContents(messages: 16, bytes: 1_000_000, textLength: 50)
        pace.lookedItself(at: 16, long, for: .milliseconds(100))
        #expect(pace.isSlow && pace.step == 8)
        for _ in 0..<9 { pace.stopped() }
        #expect(pace.step == 1)
        pace.lookedItself(at: 1, .init(messages: 1, bytes: 60_000, textLength: 50), for: .milliseconds(1))
        #expect(pace.isSlow && pace.step == 2)
        // Messages of usual lengths take LIKE no time, though the machine has too much to do.
        pace.lookedItself(at: 2, .init(messages: 2, bytes: 300, textLength: 2), for: .milliseconds(500))
        #expect(!pace.isSlow && pace.step == 2_000 && pace.stepToKeep == nil)
    }

    @Test func aCursorsStepBeginsSlow() {
        #expect(pace(step: 5).isSlow && pace(step: 5).step == 5)
        // Whoever makes up a cursor gets no longer steps.
        #expect(pace(step: 1_000_000).step == 16)
    }
}

@Suite struct TextMatcherTests {
    /// The places of a text by comparing it at each place.
    private func places(of text: [Int32], in other: [Int32]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var place = 0
        while place + text.count <= other.count {
            if Array(other[place..<place + text.count]) == text {
                found.append(place..<place + text.count)
                place += text.count
            } else {
                place += 1
            }
        }
        return found
    }

    @Test(arguments: 1...6) func placesAreThoseOfPlainComparing(length: Int) {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let text = (0..<length).map { _ in Int32.random(in: 0...1, using: &random) }
            let other = (0..<40).map { _ in Int32.random(in: -1...1, using: &random) }
            let string = String(String.UnicodeScalarView(other.map { Unicode.Scalar(UInt8(98 + $0)) }))
            let found = TextMatcher(text).ranges(in: string.unicodeScalars) { Int32($0) - 98 }
            #expect(found == places(of: text, in: other))
        }
    }

    @Test func placesCountUTF16() {
        let matcher = TextMatcher([0])
        let found = matcher.ranges(in: "a😀ab".unicodeScalars) { $0 == 0x1F600 ? 0 : -1 }
        #expect(found == [1..<3])
    }

    @Test func ofManyPlacesTheFirstAreTold() {
        let found = TextMatcher([0]).ranges(in: String(repeating: "a", count: 500).unicodeScalars) { _ in 0 }
        #expect(found == (0..<TextMatcher.limit).map { $0..<$0 + 1 })
    }

    @Test func aLongTextOfOneLetterTakesNoTimeToSpeakOf() {
        let matcher = TextMatcher([Int32](repeating: 0, count: 99) + [1])
        let begun = Instant.now
        let found = matcher.ranges(in: String(repeating: "x", count: 65_535).unicodeScalars) { _ in 0 }
        #expect(found.isEmpty)
        #expect(Instant.now - begun < .seconds(2))
    }
}

@Suite struct SearchPatternTests {
    @Test(arguments: [
        ("合同", "%合同%"), ("100%", "%100|%%"), ("a_b", "%a|_b%"), ("a|b", "%a||b%"), ("a\\b", "%a\\b%"), ("'", "%'%"),
    ])
    func charactersOfAPatternMeanThemselves(text: String, pattern: String) {
        #expect(TextPattern.containing(text) == pattern)
    }

    @Test(arguments: [("合同", true), ("合同a", false), ("a", false), ("合 同", false), ("\u{F900}", false), ("한", false)])
    func onlyChineseIsComparedByBytes(text: String, isByBytes: Bool) {
        let target = SearchTarget(MessageSearch(text: text, type: nil, conversation: nil))
        #expect((target.content == .bytes) == isByBytes)
    }
}
