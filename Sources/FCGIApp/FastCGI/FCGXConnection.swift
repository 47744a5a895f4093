// Owns one connection from nginx: its descriptor, what has come in on it, and libfcgi's FCGX_Request.

internal import CFCGI
internal import CLinux
import Glibc
import Runtime

/// A FastCGI connection, one request after another, spoken by libfcgi.
///
/// A request is first received whole, without waiting, by whoever watches the descriptor; then a worker
/// has libfcgi read it from memory, and answers. libfcgi is given a connection that was accepted here:
/// the fields for that stand below "don't use" in its header, and `FCGXLibrary` checks them.
///
/// Used by one thread at a time. The dispatcher hands it over under its lock.
final class FCGXConnection: @unchecked Sendable {
    /// Closed with this object.
    let descriptor: Int32
    private let settings: ConnectionSettings
    /// Its streams point back at it: it is allocated once, and never moves.
    private let request: UnsafeMutablePointer<FCGX_Request>

    /// The request at hand, as far as it has come, and behind a whole one whatever came with it. Requests that
    /// were answered may stand before it: they are not removed one by one, but when more is received.
    private var received: [UInt8] = []
    /// Where in `received` the request at hand begins.
    private var requestStart = 0
    private var gate: RequestGate
    /// Bytes from there on that are a whole request; 0: none is there yet.
    private var requestLength = 0
    /// Bytes of the request that libfcgi has read.
    private var readCount = 0
    /// The last look at the socket may have left something in it.
    private var maySocketHoldMore = false
    /// When the peer, who does not take the answer, is given up.
    private var writeDeadline: Instant?

    /// A buffer that grew past this for one large request is given back.
    private static let keptCapacity = 4_096

    /// - Parameter descriptor: of an accepted, non-blocking connection; owned from here on.
    init(descriptor: Int32, _ settings: ConnectionSettings) {
        self.descriptor = descriptor
        self.settings = settings
        gate = RequestGate(bodyLimit: settings.bodyLimit)
        request = .allocate(capacity: 1)
        FCGX_InitRequest(request, -1, 0)
        request.pointee.ipcFd = descriptor
        // "The previous request kept its connection": so accepting begins by reading this one.
        request.pointee.keepConnection = 1
    }

    deinit {
        FCGX_Free(request, 1)
        request.deallocate()
        close(descriptor)
    }

    // MARK: Receiving

    enum Reception {
        /// More of the request is to come, or all of it.
        case incomplete
        /// A request is there.
        case request
        /// The peer has closed, or what it sent is no request: nothing more is to be had here.
        case ended
    }

    /// Bytes of a request that have come, and of whatever came with it.
    var receivedCount: Int { received.count - requestStart }

    /// Whether there is something to look at that no readiness will be reported for.
    var hasUnseenInput: Bool { receivedCount > 0 || maySocketHoldMore }

    /// Takes what is there, without waiting.
    ///
    /// - Parameter scratch: memory that is free for the time of the call.
    func receive(using scratch: UnsafeMutableRawBufferPointer) -> Reception {
        if receivedCount > 0, !gate.hasBegun, let reception = look() { return reception }
        while true {
            let count = recv(descriptor, scratch.baseAddress, scratch.count, Int32(MSG_DONTWAIT))
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN ? .incomplete : .ended
            }
            if count == 0 { return .ended }
            received.append(contentsOf: UnsafeRawBufferPointer(rebasing: scratch[..<count]))
            maySocketHoldMore = count == scratch.count
            if let reception = look() { return reception }
            // Fewer bytes than there was room for: the socket is empty.
            if !maySocketHoldMore { return .incomplete }
        }
    }

    /// What can be said of the bytes so far; nil: more are needed.
    private func look() -> Reception? {
        switch gate.advance(over: &received, from: requestStart) {
        case .incomplete:
            // More is to be received behind it.
            received.removeSubrange(..<requestStart)
            requestStart = 0
            return nil
        case .violation:
            return .ended
        case .complete(let length):
            requestLength = length
            return .request
        }
    }

    // MARK: A request

    /// Whether the request, as it was received, is for one of the settings' paths that write. One whose parameter
    /// stands across two records is not known.
    var isKnownToWrite: Bool {
        received.withUnsafeBytes { received in
            // The parameters stand before the body.
            let end = min(requestStart + max(requestLength - gate.bodyLength, 0), received.count)
            let parameters = UnsafeRawBufferPointer(rebasing: received[requestStart..<end])
            return settings.writingParameters.contains { parameters.contains($0) }
        }
    }

    /// Has libfcgi read the request's parameters; false where it will not.
    func acceptRequest() -> Bool {
        readCount = 0
        writeDeadline = nil
        becomeTransport()
        guard FCGX_Accept_r(request) == 0 else { return false }
        // It carries over from the connection's request before.
        request.pointee.appStatus = 0
        return true
    }

    /// Lets libfcgi's state of the request go. The request stays as it was received, to be accepted anew.
    func setRequestAside() {
        FCGX_Free(request, 0)
        // Freeing keeps what the request said of its connection; accepting anew begins by reading it again.
        request.pointee.ipcFd = descriptor
        request.pointee.keepConnection = 1
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

    /// The body: what its stream held, whatever CONTENT_LENGTH says; nil where it is too large.
    func readBody() -> [UInt8]? {
        guard !gate.isBodyTooLarge else { return nil }
        // One byte more than there is: reading to the end takes the record that closes the stream.
        let capacity = gate.bodyLength + 1
        return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, read in
            read = buffer.withMemoryRebound(to: CChar.self) { buffer in
                max(0, Int(FCGX_GetStr(buffer.baseAddress, Int32(capacity), request.pointee.in)))
            }
        }
    }

    /// Sends the answer and ends the request; false where the connection is to be closed.
    func respond(head: [UInt8], body: [UInt8]) -> Bool {
        write(head)
        write(body)
        FCGX_Finish_r(request)
        forgetRequest()
        return request.pointee.ipcFd >= 0
    }

    private func write(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            // A peer that is gone shows when the request is finished.
            _ = FCGX_PutStr(bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count), request.pointee.out)
        }
    }

    private func value(of name: StaticString) -> UnsafeMutablePointer<CChar>? {
        name.withUTF8Buffer { name in
            name.withMemoryRebound(to: CChar.self) { FCGX_GetParam($0.baseAddress, request.pointee.envp) }
        }
    }

    private func forgetRequest() {
        requestStart += gate.position
        if requestStart == received.count {
            received.removeAll(keepingCapacity: received.capacity <= Self.keptCapacity)
            requestStart = 0
        }
        requestLength = 0
        gate = RequestGate(bodyLimit: settings.bodyLimit)
    }

    // MARK: What libfcgi asks for

    /// The next bytes of the request; 0 at their end.
    fileprivate func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, requestLength - readCount)
        let start = requestStart + readCount
        received.withUnsafeBytes { received in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: received[start..<start + count]))
        }
        readCount += count
        return count
    }

    /// Sends some of the bytes; gives how many, or -1 where the peer is gone, or has had its time.
    fileprivate func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        while true {
            let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
            let count = Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags)
            if count >= 0 { return count }
            if errno == EINTR { continue }
            guard errno == EAGAIN, waitUntilWritable() else { return -1 }
        }
    }

    private func waitUntilWritable() -> Bool {
        let now = Instant.now
        let deadline = writeDeadline ?? now + settings.writeTimeout
        writeDeadline = deadline
        guard now < deadline else { return false }
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, Int32((deadline - now).milliseconds + 1)) != 0
    }
}

/// What holds for all connections of a listener.
struct ConnectionSettings: Sendable {
    /// The parameters, name and value as they are sent, of requests that write.
    var writingParameters: [[UInt8]] = []
    /// Bytes of the largest body that is taken.
    var bodyLimit: Int
    /// How long a peer may keep a worker waiting that has an answer for it.
    var writeTimeout: Interval
}

extension ConnectionSettings {
    /// - Parameter paths: of requests that write, each of fewer than 128 bytes.
    init(bodyLimit: Int, writeTimeout: Interval, writingPaths paths: [String]) {
        self.init(bodyLimit: bodyLimit, writeTimeout: writeTimeout)
        let name = "SCRIPT_NAME"
        writingParameters = paths.map { path in
            // Both lengths in a byte each (FastCGI specification, section 3.4).
            [UInt8(name.utf8.count), UInt8(path.utf8.count)] + Array(name.utf8) + Array(path.utf8)
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func contains(_ bytes: [UInt8]) -> Bool {
        memmem(baseAddress, UInt(count), bytes, UInt(bytes.count)) != nil
    }
}

// MARK: libfcgi's way to its socket, taken over

// libfcgi calls OS_Read, OS_Write and OS_IpcClose for its connections: symbols of its own, which a
// program may define before it. Its own would wait for each byte without a limit, end a request for
// every signal that gets in between, and close descriptors by themselves, after lingering for seconds.
// `FCGXLibrary` makes sure at the start that the calls come here.

extension FCGXConnection {
    /// The connection whose request is being served on this thread.
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        guard pthread_key_create(&key, nil) == 0 else { fatalError("no key for a value of each thread") }
        return key
    }()

    /// Has libfcgi's calls on this thread come to this connection. Its owner outlives the request.
    fileprivate func becomeTransport() {
        pthread_setspecific(Self.key, Unmanaged.passUnretained(self).toOpaque())
    }

    fileprivate static var transport: FCGXConnection? {
        pthread_getspecific(key).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }
}

/// The next bytes of the request that is served on this thread; how many, 0 at their end.
@c(OS_Read)
public func fcgxRead(_: Int32, _ buffer: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int32 {
    guard let transport = FCGXConnection.transport else { return -1 }
    return Int32(transport.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: count)))
}

/// Sends bytes to the peer of the request that is served on this thread; how many, or -1.
@c(OS_Write)
public func fcgxWrite(_: Int32, _ bytes: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    guard let transport = FCGXConnection.transport else { return -1 }
    return Int32(transport.send(UnsafeRawBufferPointer(start: bytes, count: count)))
}

/// Closes nothing: the descriptor belongs to its `FCGXConnection`.
@c(OS_IpcClose)
public func fcgxClose(_: Int32, _: Int32) -> Int32 {
    0
}
