// Unix sockets: which paths are taken, and what becomes of them.

import Glibc
import Runtime
import Testing

@testable import FCGIApp

@Suite struct UnixSocketTests {
    private let path = "/tmp/orbia-listener-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"

    @Test func theSocketHasItsMode() throws {
        let listener = try listen(mode: 0o600)
        defer { listener.withdraw() }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func theSocketHasItsGroup() throws {
        // Every account is in its own group; root is in any.
        let group = try #require(getgrgid(getgid()))
        let listener = try listen(group: String(cString: group.pointee.gr_name))
        defer { listener.withdraw() }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_gid == getgid())
    }

    @Test func aGroupThatIsNotThereIsNamed() {
        #expect { try listen(group: "no-such-group") } throws: { "\($0)".contains("no-such-group") }
    }

    @Test func aStaleSocketIsReplaced() throws {
        do { _ = try listen() }
        #expect(access(path, F_OK) == 0)
        let second = try listen()
        #expect(try connects())
        second.withdraw()
    }

    @Test func aLiveSocketIsLeftAlone() throws {
        let first = try listen()
        defer { first.withdraw() }
        #expect(throws: SystemError.self) { try listen() }
        #expect(try connects())
    }

    @Test func aLiveSocketWithAFullBacklogIsLeftAlone() throws {
        let first = try listen(backlog: 0)
        defer { first.withdraw() }
        #expect(try connects())
        #expect(throws: SystemError.self) { try listen() }
        #expect(access(path, F_OK) == 0)
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        defer {
            close(file)
            unlink(path)
        }
        #expect(throws: SystemError.self) { try listen() }
        #expect(access(path, F_OK) == 0)
    }

    @Test func whoHasConnectedBeforeItIsWithdrawnIsStillAccepted() throws {
        let listener = try listen()
        let client = try connection()
        defer { close(client) }
        listener.withdraw()
        #expect(access(path, F_OK) != 0)
        let accepted = try #require(try listener.accept())
        close(accepted)
        #expect(try listener.accept() == nil)
    }

    @Test func withdrawingLeavesTheSocketOfAnotherProcessAlone() throws {
        let first = try listen()
        unlink(path)
        let second = try listen()
        first.withdraw()
        #expect(try connects())
        second.withdraw()
    }

    private func listen(mode: mode_t = 0o660, group: String? = nil, backlog: Int32 = 16) throws -> Listener {
        try UnixSocket.listen(on: path, UnixSocketSettings(mode: mode, group: group), backlog: backlog)
    }

    private func connects() throws -> Bool {
        let client = try connection()
        close(client)
        return true
    }

    private func connection() throws -> Int32 {
        let client = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(client, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        return client
    }
}
