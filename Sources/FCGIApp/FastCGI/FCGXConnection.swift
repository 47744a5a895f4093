// Owns one FCGX_Request: a FastCGI connection, one request after another.

internal import CFCGI
import Glibc

/// A connection from nginx, spoken by libfcgi. Used by one thread at a time.
///
/// libfcgi is given the descriptor of a connection that was accepted here. The fields for that stand
/// below "don't use" in its header; without them it would tie the thread to its own accept.
final class FCGXConnection {
    /// Its streams point back at it: it is allocated once, and never moves.
    private let request: UnsafeMutablePointer<FCGX_Request>

    /// Seconds that a read or a write may wait for the peer.
    private static let timeout = 10

    /// What of a body that is too large is still read, in bytes, to keep the connection in step;
    /// beyond that it is cheaper to close it.
    private static let drainLimit = 1 << 20

    /// The library's own state; once for the process, before threads start.
    static func startLibrary() {
        guard FCGX_Init() == 0 else { fatalError("libfcgi does not start") }
    }

    /// - Parameter descriptor: of an accepted, blocking connection; owned from here on.
    init(descriptor: Int32) {
        var limit = timeval(tv_sec: Self.timeout, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
        request = .allocate(capacity: 1)
        FCGX_InitRequest(request, -1, 0)
        request.pointee.ipcFd = descriptor
        // "The previous request kept its connection": so accepting begins by reading this one.
        request.pointee.keepConnection = 1
        // Everything is read before it is closed: no need to linger for 2 s over what may come.
        request.pointee.detached = 1
    }

    deinit {
        FCGX_Free(request, 1)
        request.deallocate()
    }

    /// Reads up to the end of the next request's parameters; false where the connection has ended
    /// instead, and is closed.
    func acceptRequest() -> Bool {
        guard request.pointee.ipcFd >= 0, FCGX_Accept_r(request) == 0 else { return false }
        request.pointee.appStatus = 0
        return true
    }

    /// A parameter's value; nil where nginx sent none.
    func parameter(_ name: StaticString) -> String? {
        value(of: name).map { String(cString: $0) }
    }

    /// A parameter's value as it came; nil where nginx sent none, or an empty one.
    func parameterBytes(_ name: StaticString) -> [UInt8]? {
        guard let value = value(of: name) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: value, count: strlen(value))
        return bytes.isEmpty ? nil : Array(bytes)
    }

    /// The body, read to its end as the protocol wants it; nil where it is longer than `limit`.
    func readBody(limit: Int) -> [UInt8]? {
        let declared = parameter("CONTENT_LENGTH").flatMap { Int($0) } ?? 0
        // One byte more than declared: reading to the end takes the record that closes the stream.
        let expected = min(max(declared, 0), limit) + 1
        var body = readBytes(expected)
        var total = body.count
        var ended = total < expected
        while !ended {
            let more = readBytes(1 << 16)
            ended = more.count < 1 << 16
            total += more.count
            if total <= limit { body += more }
            if total > limit + Self.drainLimit {
                request.pointee.keepConnection = 0
                break
            }
        }
        return total > limit ? nil : body
    }

    /// Fewer than asked for only at the end of the body.
    private func readBytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, read in
            read = buffer.withMemoryRebound(to: CChar.self) { buffer in
                max(0, Int(FCGX_GetStr(buffer.baseAddress, Int32(buffer.count), request.pointee.in)))
            }
        }
    }

    /// Sends the answer and ends the request. The connection stays open where nginx wants it to.
    func respond(head: [UInt8], body: [UInt8]) {
        write(head)
        write(body)
        FCGX_Finish_r(request)
    }

    private func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            // A peer that is gone shows when the request is finished, and closes the connection.
            _ = FCGX_PutStr(bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), request.pointee.out)
        }
    }

    private func value(of name: StaticString) -> UnsafeMutablePointer<CChar>? {
        name.withUTF8Buffer { name in
            name.withMemoryRebound(to: CChar.self) { FCGX_GetParam($0.baseAddress, request.pointee.envp) }
        }
    }
}
