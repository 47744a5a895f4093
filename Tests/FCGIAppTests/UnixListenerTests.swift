// The listener: which paths it takes, and how its workers come to an end.

import Glibc
import Testing

@testable import FCGIApp

@Suite struct UnixListenerTests {
    private let path = "/tmp/orbia-listener-\(getpid())-\(UInt32.random(in: 0 ... .max)).sock"

    @Test func theSocketHasItsMode() throws {
        let listener = try listen(mode: 0o600)
        defer { listener.removePath() }
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func aStaleSocketIsReplaced() throws {
        do { _ = try listen() }
        #expect(access(path, F_OK) == 0)
        let second = try listen()
        #expect(try connects())
        second.removePath()
    }

    @Test func aLiveSocketIsLeftAlone() throws {
        let first = try listen()
        defer { first.removePath() }
        #expect(throws: SystemError.self) { try listen() }
        #expect(try connects())
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        let file = open(path, O_CREAT | O_WRONLY, 0o600)
        try #require(file >= 0)
        close(file)
        defer { unlink(path) }
        #expect(throws: SystemError.self) { try listen() }
        #expect(access(path, F_OK) == 0)
    }

    @Test func whatWaitsWhenItStopsIsStillHandedOut() throws {
        let stop = try StopSignal()
        let listener = try UnixListener(path: path, mode: 0o600, stop: stop)
        #expect(try connects())
        #expect(try connects())
        listener.removePath()
        stop.send()
        for _ in 0..<2 { close(try #require(try listener.accept())) }
        #expect(try listener.accept() == nil)
        #expect(access(path, F_OK) != 0)
    }

    @Test func anotherProcesssSocketAtItsPathIsNotRemoved() throws {
        let first = try listen()
        unlink(path)
        let second = try listen()
        first.removePath()
        #expect(access(path, F_OK) == 0)
        second.removePath()
        #expect(access(path, F_OK) != 0)
    }

    private func listen(mode: mode_t = 0o600) throws -> UnixListener {
        try UnixListener(path: path, mode: mode, stop: StopSignal())
    }

    /// Whether somebody listens; the connection is left to wait, and ends with this process.
    private func connects() throws -> Bool {
        let probe = try system("socket") { socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(probe, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
