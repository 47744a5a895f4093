// The start of libfcgi, and the checks of what this program relies on.

internal import CFCGI
import Glibc
import Runtime

/// Why this libfcgi cannot be used.
struct FCGXLibraryError: Error, CustomStringConvertible {
    let description: String
}

enum FCGXLibrary {
    /// Initialises the library. It is called once, before threads start, with signals blocked: libfcgi installs handlers
    /// for SIGPIPE, SIGUSR1 and SIGTERM here.
    static func start() throws {
        guard FCGX_Init() == 0 else { throw FCGXLibraryError(description: "libfcgi does not start") }
        try checkLayout()
        try checkTransport()
    }

    /// Checks that the fields of FCGX_Request below "don't use" are where the header says, and that the library writes
    /// them there.
    static func checkLayout() throws {
        typealias Layout = MemoryLayout<FCGX_Request>
        let expected =
            Layout.size == 80 && Layout.offset(of: \.ipcFd) == 48 && Layout.offset(of: \.keepConnection) == 56
            && Layout.offset(of: \.listen_sock) == 72 && Layout.offset(of: \.detached) == 76
        let request = UnsafeMutablePointer<FCGX_Request>.allocate(capacity: 1)
        defer { request.deallocate() }
        request.pointee.ipcFd = 1
        FCGX_InitRequest(request, -7, 0)
        guard expected, request.pointee.ipcFd == -1, request.pointee.listen_sock == -7 else {
            throw FCGXLibraryError(description: "this libfcgi has another FCGX_Request than version 2.4.2")
        }
    }

    /// Checks that a request goes through the library on this program's own reads and writes, and leaves the descriptor
    /// open.
    static func checkTransport() throws {
        var ends: [Int32] = [-1, -1]
        try system("socketpair") { socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) }
        let peer = ends[1]
        defer { close(peer) }
        let connection = FCGXConnection(
            descriptor: ends[0],
            ConnectionSettings(bodyLimit: 16, sendTimeout: .seconds(1))
        )
        // BEGIN_REQUEST for a responder, no flags; no parameters; a body of one byte.
        let request: [UInt8] = [
            1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0,
            1, 4, 0, 1, 0, 0, 0, 0,
            1, 5, 0, 1, 0, 1, 0, 0, 42,
            1, 5, 0, 1, 0, 0, 0, 0,
        ]
        let sent = send(peer, request, request.count, 0)
        var scratch = [UInt8](repeating: 0, count: 256)
        let reception = scratch.withUnsafeMutableBytes { connection.receive(using: $0) }
        guard sent == request.count, reception == .request, connection.acceptRequest(), connection.readBody() == [42],
            !connection.respond(head: [], body: Array("answer".utf8)),
            fcntl(connection.descriptor, F_GETFD) != -1,
            // A record of type STDOUT with the answer in it.
            recv(peer, &scratch, scratch.count, Int32(MSG_DONTWAIT)) > 14, scratch[1] == 6,
            scratch[8..<14].elementsEqual("answer".utf8)
        else {
            throw FCGXLibraryError(description: "this libfcgi does not read and write through OS_Read and OS_Write")
        }
    }
}
