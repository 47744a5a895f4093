// What a keeper finds of a host that no database listens at.

import Glibc
import Runtime
import Testing

@testable import MySQLStore

@Suite struct HostKeeperTests {
    private static let startLibrary: Void = ClientLibrary.start()

    @Test(arguments: [1, 2])
    func aHostThatAcceptsConnectionsAndDoesNotAnswerIsSilent(hostCount: Int) throws {
        let (listener, port) = try listen()
        defer { close(listener) }
        #expect(fault(at: port, hostCount: hostCount) == .silent)
    }

    @Test func aHostThatRefusesConnectionsIsUnreachable() throws {
        let (listener, port) = try listen()
        close(listener)
        #expect(fault(at: port, hostCount: 1) == .unreachable)
    }

    /// The fault that one probe finds, of a host that all the settings' addresses name.
    private func fault(at port: UInt16, hostCount: Int) -> HostFault.Kind? {
        Self.startLibrary
        let settings = DatabaseSettings(
            addresses: Array(repeating: .host("127.0.0.1", port: port), count: hostCount),
            database: "orbia",
            username: "orbia_conversation",
            password: "",
            security: TransportSecurity(mode: .off, authority: nil, certificate: nil, key: nil),
            deadline: .seconds(3)
        )
        let hosts = DatabaseHosts(settings)
        _ = HostKeeper(hosts, host: 0).checkHost()
        return hosts.statuses[0].fault?.kind
    }

    /// A listener on a free port of loopback, which accepts nothing by itself: the kernel does.
    private func listen() throws -> (descriptor: Int32, port: UInt16) {
        let listener = try system("socket") { socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                try system("bind") { bind(listener, address, size) }
                try system("listen") { Glibc.listen(listener, 8) }
                try system("getsockname") { getsockname(listener, address, &size) }
            }
        }
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}
