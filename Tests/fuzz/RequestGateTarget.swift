// What the gate lets through, libfcgi reads, and reads as the protocol means it.

import Glibc
import Runtime

@testable import FCGIApp

/// The input: the body's limit, how often a request is set aside, where the bytes are cut, and what a peer sends.
enum RequestGateTarget {
    static let target = FuzzTarget(name: "request-gate", start: start, feed: feed)

    private static let bodyLimits = [0, 7, 300, 100_000]
    /// Requests on one connection.
    private static let mostRequests = 8
    private nonisolated(unsafe) static let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: 64 * 1024,
        alignment: 16
    )

    private static func start() {
        do { try FCGXLibrary.start() } catch { fatalError("\(error)") }
    }

    private static func feed(_ bytes: UnsafeRawBufferPointer) {
        var input = FuzzInput(bytes)
        let choice = Int(input.byte())
        let bodyLimit = bodyLimits[choice % bodyLimits.count]
        let seed = input.byte()
        let sent = Array(input.rest)
        checkThatCutsDoNotMatter(sent, Pieces(seed), bodyLimit)
        checkWhatLibfcgiReads(sent, Pieces(seed), bodyLimit, setAside: choice / bodyLimits.count % 3)
    }

    // MARK: The gate by itself

    private static func checkThatCutsDoNotMatter(_ sent: [UInt8], _ pieces: Pieces, _ bodyLimit: Int) {
        var whole = sent
        var gate = RequestGate(bodyLimit: bodyLimit)
        let verdict = gate.advance(over: &whole)

        var cut: [UInt8] = []
        var cutGate = RequestGate(bodyLimit: bodyLimit)
        var cutVerdict = RequestGate.Verdict.incomplete
        var pieces = pieces
        var fed = 0
        while fed < sent.count, cutVerdict == .incomplete {
            let end = pieces.end(from: fed, of: sent.count)
            cut += sent[fed..<end]
            fed = end
            cutVerdict = cutGate.advance(over: &cut)
            expect(cut.count <= fed, "the gate has made bytes")
        }
        expect(cutVerdict == verdict, "\(verdict) as a whole, \(cutVerdict) in pieces")
        guard case .complete(let length) = verdict else { return }
        expect(length <= gate.position && gate.position <= sent.count, "a request is no longer than what was sent")
        expect(whole[..<length] == cut[..<length], "cuts change what is kept")
        expect(whole[gate.position...] == sent[gate.position...], "what is behind is changed")
        expect(cut[cutGate.position...] + sent[fed...] == whole[gate.position...], "what is behind is changed by cuts")
        expect(gate.bodyLength == cutGate.bodyLength, "cuts change the body's length")
    }

    // MARK: The gate in front of libfcgi

    private static func checkWhatLibfcgiReads(
        _ sent: [UInt8],
        _ pieces: Pieces,
        _ bodyLimit: Int,
        setAside count: Int
    ) {
        var ends: [Int32] = [-1, -1]
        expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0, "no socket pair")
        defer { close(ends[1]) }
        let settings = ConnectionSettings(bodyLimit: bodyLimit, sendTimeout: .milliseconds(1))
        let connection = FCGXConnection(descriptor: ends[0], settings)
        var reader = NaiveReader(sent)
        var pieces = pieces
        var fed = 0
        var requests = 0
        while requests < mostRequests {
            switch connection.receive(using: scratch) {
            case .request:
                guard let request = reader.next() else { fatalError("the gate has let through what is no request") }
                for _ in 0..<count {
                    read(request, from: connection, bodyLimit)
                    connection.setRequestAside()
                }
                read(request, from: connection, bodyLimit)
                guard connection.respond(head: Array("Status: 200\r\n\r\n".utf8), body: []) else { return }
                requests += 1
            case .ended:
                return
            case .incomplete:
                guard fed < sent.count else { return }
                let end = pieces.end(from: fed, of: sent.count)
                let count = sent[fed..<end].withUnsafeBytes {
                    Glibc.send(ends[1], $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
                expect(count == end - fed, "the socket has room for a piece")
                fed = end
            }
        }
    }

    private static func read(_ request: NaiveRequest, from connection: FCGXConnection, _ bodyLimit: Int) {
        expect(connection.acceptRequest(), "libfcgi does not read what the gate has let through")
        for name in ["REQUEST_METHOD", "SCRIPT_NAME", "HTTP_AUTHORIZATION", "REQUEST_ID"] as [StaticString] {
            let value = connection.parameterBytes(name) ?? []
            expect(value == request.parameter("\(name)"), "\(name) is \(value)")
        }
        let body = connection.readBody()
        let expected = request.body.count > bodyLimit ? nil : request.body
        expect(body == expected, "the body is \(String(describing: body))")
    }
}

/// Where a peer's bytes are cut; not at all for the seed 0.
private struct Pieces {
    private let isWhole: Bool
    private var state: UInt32

    init(_ seed: UInt8) {
        isWhole = seed == 0
        state = UInt32(seed)
    }

    mutating func end(from start: Int, of count: Int) -> Int {
        state = state &* 1_664_525 &+ 1_013_904_223
        // No more than a socket takes at once; mostly few.
        let length = isWhole ? 32_768 : state >> 31 == 0 ? 1 + Int(state >> 24 & 15) : 1 + Int(state >> 16 & 0x3FFF)
        return min(start + length, count)
    }
}
