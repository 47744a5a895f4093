// Which bytes get to libfcgi: requests as a web server sends them, and nothing else.

import Testing

@testable import FCGIApp

@Suite struct RequestGateTests {
    // Records of a good request with the id 1.
    private let begin = record(1, [0, 1, 1, 0, 0, 0, 0, 0])
    private let params = record(4, [3, 5] + Array("KEYvalue".utf8))
    private let noParams = record(4, [])
    private let stdin = record(5, Array("body".utf8))
    private let noStdin = record(5, [])
    private var good: [UInt8] { begin + params + noParams + stdin + noStdin }

    @Test func aWholeRequestIsComplete() {
        #expect(verdict(on: good) == .complete(length: good.count))
    }

    @Test func withoutABodyItIsCompleteToo() {
        let bytes = begin + noParams + noStdin
        #expect(verdict(on: bytes) == .complete(length: bytes.count))
    }

    @Test func itIsCompleteWhereverItIsCut() {
        for cut in 0..<good.count {
            var gate = RequestGate(bodyLimit: 100)
            var bytes = Array(good[..<cut])
            #expect(gate.advance(over: &bytes) == .incomplete)
            bytes += good[cut...]
            #expect(gate.advance(over: &bytes) == .complete(length: good.count))
        }
    }

    @Test func itIsCompleteByteByByte() {
        var gate = RequestGate(bodyLimit: 100)
        var bytes: [UInt8] = []
        for byte in good.dropLast() {
            bytes.append(byte)
            #expect(gate.advance(over: &bytes) == .incomplete)
        }
        bytes += good.suffix(1)
        #expect(gate.advance(over: &bytes) == .complete(length: good.count))
        #expect(gate.bodyLength == 4)
    }

    @Test func paddingIsPartOfARecord() {
        let padded = record(4, [0, 0], padding: 255) + noParams + record(5, [1, 2, 3], padding: 1) + noStdin
        #expect(verdict(on: begin + padded) == .complete(length: begin.count + padded.count))
    }

    @Test func paddingThatLibfcgiTakesForARecordIsTakenOut() {
        var bytes =
            record(1, [0, 1, 1, 0, 0, 0, 0, 0], padding: 7) + params + record(4, [], padding: 255) + stdin
            + record(5, [], padding: 9)
        var gate = RequestGate(bodyLimit: 100)
        #expect(gate.advance(over: &bytes) == .complete(length: good.count))
        #expect(bytes.starts(with: good))
    }

    @Test func whatComesBehindIsLeftWhereItStands() {
        let stray = record(5, [9], id: 7)
        let requests = [good, begin + stray + params + noParams + stray + noStdin, good]
        var bytes = Array(requests.joined())
        let behind = begin.prefix(3)
        bytes += behind
        var start = 0
        for request in requests {
            var gate = RequestGate(bodyLimit: 100)
            let rest = Array(bytes[(start + request.count)...])
            let length = request == good ? good.count : request.count - 2 * stray.count
            #expect(gate.advance(over: &bytes, from: start) == .complete(length: length))
            #expect(gate.position == request.count)
            start += gate.position
            #expect(bytes[start...] == rest[...])
        }
        var gate = RequestGate(bodyLimit: 100)
        #expect(gate.advance(over: &bytes, from: start) == .incomplete)
    }

    /// Moving what is behind it for each record that is taken out would be two terabytes.
    @Test(.timeLimit(.minutes(1))) func manyRecordsAreTakenOutInOnePass() {
        let stray = record(5, [], id: 7)
        let count = RequestGate.overheadLimit / stray.count - 10
        let behind = [UInt8](repeating: 0xAB, count: 16 << 20)
        var bytes = begin + (0..<count).flatMap { _ in stray } + noParams + stray + noStdin + behind
        var gate = RequestGate(bodyLimit: 100)
        #expect(gate.advance(over: &bytes) == .complete(length: begin.count + noParams.count + noStdin.count))
        #expect(bytes.count == gate.position + behind.count)
    }

    @Test func parametersMayBeCutAnywhere() {
        let pairs: [UInt8] = [0x80, 0, 0, 3, 0x80, 0, 0, 5] + Array("KEYvalue".utf8) + [1, 0, 65]
        for cut in 1..<pairs.count {
            let bytes = begin + record(4, Array(pairs[..<cut])) + record(4, Array(pairs[cut...])) + noParams + noStdin
            #expect(verdict(on: bytes) == .complete(length: bytes.count))
        }
    }

    @Test(arguments: [
        // Declared lengths that libfcgi would allocate.
        record(4, [0xFF, 0xFF, 0xFF, 0xFF, 0]),
        record(4, [0, 0xFF, 0xFF, 0xFF, 0xFF]),
        record(4, [0x80, 2, 0, 0, 0]),
        // The stream ends within a pair.
        record(4, [5, 5, 65]) + record(4, []),
        record(4, [0x80, 0]) + record(4, []),
        record(4, [5]) + record(4, []),
    ])
    func parametersThatAreNotWhatTheySay(records: [UInt8]) {
        #expect(verdict(on: begin + records) == .violation)
    }

    @Test func parametersHaveALimitTogether() {
        // Pairs of 1,024 bytes.
        let pair: [UInt8] = [1, 0x80, 0, 0x03, 0xFA, 65] + [UInt8](repeating: 66, count: 1_018)
        let most = (0..<ParameterScanner.limit / pair.count).flatMap { _ in record(4, pair) }
        #expect(verdict(on: begin + most + noParams) == .incomplete)
        #expect(verdict(on: begin + most + record(4, [0])) == .violation)
    }

    @Test func aPairBeyondTheLimitIsRefusedBeforeItsBytesAreThere() {
        #expect(verdict(on: begin + record(4, [0x80, 1, 0, 0, 0x80, 1, 0, 0])) == .violation)
    }

    @Test(arguments: [
        // As the first record: anything but the beginning of a responder's request.
        record(4, []), record(2, []), record(5, []), record(9, []), record(9, [], id: 0), record(11, [], id: 0),
        record(1, [0, 1, 0, 0, 0, 0, 0, 0], id: 0), record(1, [0, 1, 0, 0, 0, 0, 0, 0], version: 2),
        record(1, [0, 2, 0, 0, 0, 0, 0, 0]), record(1, [0, 3, 0, 0, 0, 0, 0, 0]), record(1, [0, 0, 0, 0, 0, 0, 0, 0]),
        record(1, [0, 1, 0, 0, 0, 0, 0]), record(1, [0, 1, 0, 0, 0, 0, 0, 0, 0]), Array("GET / HTTP/1.1\r\n".utf8),
    ])
    func whatIsNoBeginning(bytes: [UInt8]) {
        #expect(verdict(on: bytes) == .violation)
    }

    @Test(arguments: [
        record(2, []), record(8, [1]), record(3, [0, 0, 0, 0, 0, 0, 0, 0]), record(200, []), record(5, [1]),
        record(1, [0, 1, 1, 0, 0, 0, 0, 0]), record(9, [14, 0] + Array("FCGI_MAX_CONNS".utf8), id: 0),
        record(4, [], version: 0),
    ])
    func whatDoesNotBelongAmongParameters(bytes: [UInt8]) {
        #expect(verdict(on: begin + bytes) == .violation)
        #expect(verdict(on: begin + params + bytes) == .violation)
    }

    @Test(arguments: [record(2, []), record(4, []), record(9, [], id: 0), record(8, [])])
    func whatDoesNotBelongInABody(bytes: [UInt8]) {
        #expect(verdict(on: begin + noParams + bytes) == .violation)
        #expect(verdict(on: begin + noParams + stdin + bytes) == .violation)
    }

    @Test func aForbiddenRecordIsRefusedBeforeItsContentIsThere() {
        #expect(verdict(on: begin + record(9, [1, 2, 3], id: 0).prefix(8)) == .violation)
    }

    @Test func recordsOfAnotherRequestAreTakenOut() {
        var bytes =
            begin + record(4, [1, 2, 3], id: 7) + noParams + record(5, [9], id: 7) + stdin
            + record(77, [1], id: 300) + noStdin
        var gate = RequestGate(bodyLimit: 100)
        let rest = begin + noParams + stdin + noStdin
        #expect(gate.advance(over: &bytes) == .complete(length: rest.count))
        #expect(bytes.starts(with: rest))
    }

    @Test func recordsAreTakenOutWhereverTheBytesAreCut() {
        let kept = begin + params + noParams + stdin + noStdin
        let all =
            begin + record(4, [1, 2, 3], id: 7) + params + record(9, [], id: 8, padding: 3) + noParams
            + record(5, [9], id: 7) + stdin + record(77, [1], id: 300) + noStdin
        for cut in 0..<all.count {
            var gate = RequestGate(bodyLimit: 100)
            var bytes = Array(all[..<cut])
            #expect(gate.advance(over: &bytes) == .incomplete)
            #expect(bytes.starts(with: kept[..<min(bytes.count, begin.count)]))
            bytes += all[cut...]
            #expect(gate.advance(over: &bytes) == .complete(length: kept.count))
            #expect(bytes.starts(with: kept))
        }
    }

    @Test func theBeginningOfAnotherRequestIsLibfcgisToRefuse() {
        let bytes = begin + record(1, [0, 1, 1, 0, 0, 0, 0, 0], id: 7) + noParams + noStdin
        #expect(verdict(on: bytes) == .complete(length: bytes.count))
    }

    @Test func strayRecordsHaveALimit() {
        let stray = record(5, [UInt8](repeating: 0, count: 65_535), id: 7)
        let most = RequestGate.overheadLimit / stray.count
        #expect(verdict(on: begin + (0..<most).flatMap { _ in stray }) == .incomplete)
        #expect(verdict(on: begin + (0...most).flatMap { _ in stray }) == .violation)
    }

    @Test func headersAndPaddingHaveALimit() {
        let wasteful = record(5, [1], padding: 255)
        let most = RequestGate.overheadLimit / (wasteful.count - 1)
        var gate = RequestGate(bodyLimit: 100_000)
        var bytes = begin + noParams + (0..<most - 1).flatMap { _ in wasteful }
        #expect(gate.advance(over: &bytes) == .incomplete)
        bytes += wasteful + wasteful
        #expect(gate.advance(over: &bytes) == .violation)
    }

    @Test func aBodyUpToTheLimitIsKept() {
        let bytes = begin + noParams + record(5, [UInt8](repeating: 1, count: 100)) + noStdin
        #expect(verdict(on: bytes) == .complete(length: bytes.count))
    }

    @Test func aBodyBeyondTheLimitIsCutAndKnown() {
        var gate = RequestGate(bodyLimit: 100)
        let kept = begin + noParams + record(5, [UInt8](repeating: 1, count: 60))
        var bytes = kept + record(5, [UInt8](repeating: 2, count: 41)) + record(5, [3]) + noStdin
        #expect(gate.advance(over: &bytes) == .complete(length: kept.count + noStdin.count))
        #expect(bytes.starts(with: kept + noStdin))
        #expect(gate.isBodyTooLarge)
    }

    @Test func aBodyFarBeyondTheLimitIsNotReadToItsEnd() {
        let piece = record(5, [UInt8](repeating: 0, count: 65_535))
        let pieces = RequestGate.overheadLimit / piece.count + 2
        #expect(verdict(on: begin + noParams + (0..<pieces).flatMap { _ in piece }) == .violation)
    }

    private func verdict(on bytes: [UInt8]) -> RequestGate.Verdict {
        var gate = RequestGate(bodyLimit: 100)
        var bytes = bytes
        return gate.advance(over: &bytes)
    }
}

private func record(
    _ type: UInt8,
    _ content: [UInt8],
    id: UInt16 = 1,
    padding: Int = 0,
    version: UInt8 = 1
) -> [UInt8] {
    let head = [
        version, type, UInt8(id >> 8), UInt8(id & 0xFF), UInt8(content.count >> 8), UInt8(content.count & 0xFF),
        UInt8(padding), 0,
    ]
    return head + content + [UInt8](repeating: 0, count: padding)
}
