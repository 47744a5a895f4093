// The server of /healthz, /readyz and /metrics, on a socket and a thread of its own.

import Glibc
import Handlers
import Logging
import MySQLStore
import Runtime

/// Answers one request at a time, each on a connection of its own. Few programs ask, and they are answered while
/// every worker is busy.
struct StatusServer {
    private let listener: Listener
    private let source: StatusSource
    private let logger: Logger

    /// How long a peer may take to send its request, and to take the answer.
    private static let peerTimeout = Interval.seconds(1)
    private static let settings = ConnectionSettings(bodyLimit: 4_096, sendTimeout: peerTimeout)

    init(_ listener: Listener, _ source: StatusSource, logger: Logger) {
        self.listener = listener
        self.source = source
        self.logger = logger
    }

    func run(until stop: StopSignal) {
        while !stop.wait(orReadable: listener.descriptor) {
            do {
                while let descriptor = try listener.accept() {
                    serve(FCGXConnection(descriptor: descriptor, Self.settings))
                }
            } catch {
                // Descriptors have run out. In a moment one may be free.
                logger.error("\(error)", cause: "\(error)")
                _ = stop.wait(for: .milliseconds(100))
            }
        }
        listener.withdraw()
    }

    private func serve(_ connection: FCGXConnection) {
        guard receive(connection), connection.acceptRequest() else { return }
        let page = page(connection.parameter("SCRIPT_NAME") ?? "", method: connection.parameter("REQUEST_METHOD") ?? "")
        let head = ResponseHead.bytes(of: page.response, contentType: page.contentType)
        _ = connection.respond(head: head, body: page.response.body)
    }

    private func receive(_ connection: FCGXConnection) -> Bool {
        let end = Instant.now + Self.peerTimeout
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 8_192, alignment: 16)
        defer { scratch.deallocate() }
        while true {
            switch connection.receive(using: scratch) {
            case .request: return true
            case .ended: return false
            case .incomplete: break
            }
            let left = (end - .now).milliseconds
            guard left > 0 else { return false }
            var descriptor = pollfd(fd: connection.descriptor, events: Int16(POLLIN), revents: 0)
            poll(&descriptor, 1, Int32(left))
        }
    }

    private func page(_ path: String, method: String) -> (response: Response, contentType: StaticString) {
        let json: StaticString = "application/json"
        guard ["/healthz", "/readyz", "/metrics"].contains(path) else { return (status(404, "no such page"), json) }
        guard method == "GET" || method == "HEAD" else {
            var refusal = status(405, "method not allowed, use GET")
            refusal.headers = [("Allow", "GET, HEAD")]
            return (refusal, json)
        }
        switch path {
        case "/healthz":
            return (status(200, "ok"), json)
        case "/readyz":
            let readiness = source.readiness
            return (page(of: readiness), json)
        default:
            let text = MetricsPage.text(of: source)
            return (Response(status: 200, headers: [], body: Array(text.utf8)), "text/plain; version=0.0.4")
        }
    }

    private func page(of readiness: Readiness) -> Response {
        var json = JSONWriter()
        json.object { json in
            json.member("status", readiness.status.rawValue)
            if let reason = readiness.reason { json.member("reason", reason) }
            if let remedy = readiness.remedy { json.member("remedy", remedy) }
        }
        return Response(status: readiness.isReady ? 200 : 503, headers: [], body: json.bytes)
    }

    private func status(_ code: Int, _ word: String) -> Response {
        var json = JSONWriter()
        json.object { json in json.member("status", word) }
        return Response(status: code, headers: [], body: json.bytes)
    }
}
