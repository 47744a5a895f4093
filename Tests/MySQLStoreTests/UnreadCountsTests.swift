// Unread messages by type are read from one text, and added up where the whole list is there.

import Testing

@testable import MySQLStore

@Suite struct UnreadCountsTests {
    @Test func eachTypeHasItsNumber() throws {
        let counts = try #require(UnreadCounts("12,3,4,0,5"))
        #expect(counts.total == 12)
        #expect(ConversationType.allCases.map { counts[$0] } == [3, 4, 0, 5])
    }

    @Test func withoutUnreadConversationsTheTextIsEmpty() throws {
        #expect(UnreadCounts("") == UnreadCounts())
        #expect(UnreadCounts("0,0,0,0,0") == UnreadCounts())
    }

    @Test(arguments: ["1", "1,2,3,4", "1,2,3,4,5,6", "1,2,x,4,5", ",,,,", "1.5,1,0,0,0"])
    func anotherTextIsNone(text: String) {
        #expect(UnreadCounts(text) == nil)
    }

    @Test func messagesOfATypeThatIsNotKnownCountInTheTotalAlone() {
        var counts = UnreadCounts()
        counts.add(2, ofType: "support")
        counts.add(3, ofType: "dispute")
        #expect(counts.total == 5)
        #expect(ConversationType.allCases.map { counts[$0] } == [0, 0, 0, 2])
    }

    @Test(
        arguments: [
            (nil, "%"), ("a", "%a%"), ("100%", "%100|%%"), ("a_b", "%a|_b%"), ("|", "%||%"), (#"\"#, #"%\%"#),
        ] as [(String?, String)]
    )
    func aSearchedTextStandsForItself(text: String?, pattern: String) {
        #expect(TextPattern.containing(text) == pattern)
    }
}
