// The buffer of a log, and the lines of the service's.

import Runtime
import Testing

@testable import FCGIApp

@Suite struct LogTests {
    // MARK: The buffer

    @Test func linesThatFitAreKeptInTheirOrder() {
        var buffer = LogBuffer(limit: 10)
        for line in ["abc", "de", "f"] { buffer.append(line.utf8) }
        #expect(take(&buffer) == "abc\nde\nf\n")
        #expect(buffer.dropped == 0)
    }

    @Test func aLineThatDoesNotFitIsDroppedWholeAndTold() {
        var buffer = LogBuffer(limit: 8)
        for line in ["abc", "defg", "hi", "j"] { buffer.append(line.utf8) }
        #expect(buffer.dropped == 2)
        #expect(take(&buffer) == "abc\nhi\n2 dropped\n")
        #expect(take(&buffer) == "")
    }

    @Test func whatTheThreadHasInHandCounts() {
        var buffer = LogBuffer(limit: 8)
        buffer.append("abcdefg".utf8)
        _ = take(&buffer)
        buffer.append("h".utf8)
        #expect(buffer.dropped == 1)
        buffer.inHand = 0
        buffer.append("i".utf8)
        #expect(take(&buffer) == "i\n1 dropped\n")
    }

    @Test func anErrorIsToldWithTheNextLines() {
        var buffer = LogBuffer(limit: 100)
        buffer.writingFailed(SystemError(operation: "cannot write", code: 28))
        #expect(buffer.hasWork)
        #expect(buffer.errors == 1)
        buffer.append("abc".utf8)
        #expect(take(&buffer) == "abc\n0 dropped: cannot write: No space left on device\n")
    }

    private func take(_ buffer: inout LogBuffer) -> String {
        var batch: [UInt8] = []
        buffer.take(into: &batch) { gap in
            Array(("\(gap.dropped) dropped" + (gap.failure.map { ": \($0)" } ?? "")).utf8)
        }
        return String(decoding: batch, as: UTF8.self)
    }

    // MARK: Lines

    private static let time = Timestamp(second: 1_700_000_000, millisecond: 7)

    @Test func aLineHasTimeLevelTextAndWhatStandsBehindIt() {
        let message = LogMessage(.warning, "slow request", [("endpoint", "mark_read"), ("status", "200")])
        #expect(text(message) == "2023-11-14T22:13:20.007Z warning slow request endpoint=mark_read status=200")
    }

    @Test func nothingWithinAMessageCanLookLikeAnotherLine() {
        let message = LogMessage(.error, "a\nb\r\0", [("request", "x\u{1B}[2J\u{7F}")])
        #expect(text(message).hasSuffix(#"error a\x0ab\x0d\x00 request=x\x1b[2J\x7f"#))
    }

    @Test(arguments: ["x", "é", "你", "😀"])
    func aLongLineIsCutBetweenCharacters(character: String) {
        for extra in 0..<4 {
            let message = LogMessage(
                .error,
                String(repeating: "x", count: extra) + String(repeating: character, count: 5_000)
            )
            let line = message.line(at: Self.time)
            #expect(((LogFile.pieceSize - 5)..<LogFile.pieceSize).contains(line.count))
            #expect(String(validating: line, as: UTF8.self)?.hasSuffix("\(character)…") == true)
        }
    }

    private func text(_ message: LogMessage) -> String {
        String(decoding: message.line(at: Self.time), as: UTF8.self)
    }
}
