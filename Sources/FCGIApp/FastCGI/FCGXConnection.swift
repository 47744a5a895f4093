// A connection from nginx: its descriptor, what has come in on it, and libfcgi's FCGX_Request.

internal import CFCGI
import Glibc
import Runtime

/// A FastCGI connection, one request after another, spoken by libfcgi.
///
/// The thread that watches the descriptor receives a request whole, without waiting; then a worker has libfcgi read it
/// from memory, and answers. libfcgi is given a connection that was accepted here: the fields for that stand below
/// "don't use" in its header, and `FCGXLibrary` checks them.
///
/// It is used by one thread at a time. The dispatcher hands it over under its lock.
final class FCGXConnection: @unchecked Sendable {
    /// The socket. It is closed with this object.
    let descriptor: Int32
    private let settings: ConnectionSettings
    /// libfcgi's streams point back at it: it is allocated once, and never moves.
    private let request: UnsafeMutablePointer<FCGX_Request>
    private var received: ReceivedRequest
    /// Whether the last receive may have left something in the socket.
    private var maySocketHoldMore = false
    /// What libfcgi has written of an answer that is sent at once; nil: it is sent as it is written.
    private var held: [UInt8]?
    /// When a peer that does not take its answer is given up; nil: the answer has not had to wait yet.
    private var sendDeadline: Instant?

    /// - Parameter descriptor: of an accepted, non-blocking connection; owned from here on.
    init(descriptor: Int32, _ settings: ConnectionSettings) {
        self.descriptor = descriptor
        self.settings = settings
        received = ReceivedRequest(bodyLimit: settings.bodyLimit)
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
        /// The request is not whole yet.
        case incomplete
        /// A whole request is there.
        case request
        /// The peer has closed, or what it sent is no request: nothing more is to be had here.
        case ended
    }

    /// How many bytes of a request, and of whatever came in behind it, are there.
    var receivedCount: Int { received.count }

    /// Whether there is input that the poller will not report.
    var hasPendingInput: Bool { receivedCount > 0 || maySocketHoldMore }

    /// Receives what is there, without waiting.
    ///
    /// - Parameter scratch: memory that is free for the time of the call.
    func receive(using scratch: UnsafeMutableRawBufferPointer) -> Reception {
        if received.hasUnseenBytes, let reception = advance() { return reception }
        while true {
            let count = recv(descriptor, scratch.baseAddress, scratch.count, Int32(MSG_DONTWAIT))
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN ? .incomplete : .ended
            }
            if count == 0 { return .ended }
            received.append(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
            maySocketHoldMore = count == scratch.count
            if let reception = advance() { return reception }
            // Fewer bytes than there was room for: the socket is empty.
            if !maySocketHoldMore { return .incomplete }
        }
    }

    /// What the bytes so far are; nil: more are needed to tell.
    private func advance() -> Reception? {
        switch received.advance() {
        case .incomplete: nil
        case .violation: .ended
        case .complete: .request
        }
    }

    // MARK: A request

    /// What the request is known for, by the settings' paths. One whose parameter stands across two records is not known.
    var kind: RequestKind {
        if received.parametersContain(anyOf: settings.writingParameters) { return .write }
        return received.parametersContain(anyOf: settings.searchingParameters) ? .search : .other
    }

    /// Has libfcgi read the request's parameters; false where it will not.
    func acceptRequest() -> Bool {
        received.rewind()
        sendDeadline = nil
        FCGXTransport.use(self)
        guard FCGX_Accept_r(request) == 0 else { return false }
        // libfcgi leaves the status of the connection's request before in it.
        request.pointee.appStatus = 0
        return true
    }

    /// Releases libfcgi's state of the request. The request stays as it was received, to be accepted anew.
    func setRequestAside() {
        FCGX_Free(request, 0)
        // Freeing keeps what the request said of its connection; accepting anew begins by reading it again.
        request.pointee.ipcFd = descriptor
        request.pointee.keepConnection = 1
    }

    /// Gives back memory that a request does not need while it waits.
    func releaseUnusedMemory() {
        received.releaseUnusedMemory()
    }

    /// A parameter's value; nil where nginx sent none.
    func parameter(_ name: StaticString) -> String? {
        value(of: name).map { String(cString: $0) }
    }

    /// A parameter's value in bytes, which need be no UTF-8; nil where nginx sent none, or an empty one.
    func parameterBytes(_ name: StaticString) -> [UInt8]? {
        guard let value = value(of: name) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: value, count: strlen(value))
        return bytes.isEmpty ? nil : Array(bytes)
    }

    /// The body as its stream holds it, whatever CONTENT_LENGTH says; nil where it is too large.
    func readBody() -> [UInt8]? {
        guard !received.isBodyTooLarge else { return nil }
        // One byte more than there is: reading to the end takes the record that closes the stream.
        let capacity = received.bodyLength + 1
        return [UInt8](unsafeUninitializedCapacity: capacity) { buffer, read in
            read = buffer.withMemoryRebound(to: CChar.self) { buffer in
                max(0, Int(FCGX_GetStr(buffer.baseAddress, Int32(capacity), request.pointee.in)))
            }
        }
    }

    /// Sends the answer and ends the request; false where the connection is to be closed.
    ///
    /// - Parameter retiring: has nginx close the connection behind the answer, which is small, and use it for no other
    ///   request. Were it closed here, a request that nginx just sends there would fail.
    func respond(head: [UInt8], body: [UInt8], retiring: Bool = false) -> Bool {
        if retiring { held = [] }
        write(head)
        write(body)
        FCGX_Finish_r(request)
        received.removeRequest()
        return sendHeld() && request.pointee.ipcFd >= 0
    }

    /// Sends a held answer, and an empty management record in one piece with it: nginx does not keep a connection on which
    /// it has received anything behind the end of the request (ngx_http_fastcgi_module.c, the input filter).
    private func sendHeld() -> Bool {
        guard var bytes = held else { return true }
        held = nil
        bytes += RecordHeader.emptyManagementRecord
        return bytes.withUnsafeBytes { bytes in
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = send(UnsafeRawBufferPointer(rebasing: rest))
                if count < 0 { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
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

    // MARK: For FCGXTransport

    /// Copies the next bytes of the request; gives how many, 0 at their end.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        received.read(into: buffer)
    }

    /// Sends some of the bytes; gives how many, or -1 where the peer is gone, or its time is over.
    func send(_ bytes: UnsafeRawBufferPointer) -> Int {
        if held != nil {
            held? += bytes
            return bytes.count
        }
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
        let deadline = sendDeadline ?? now + settings.sendTimeout
        sendDeadline = deadline
        guard now < deadline else { return false }
        var descriptor = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&descriptor, 1, Int32((deadline - now).milliseconds + 1)) != 0
    }
}
