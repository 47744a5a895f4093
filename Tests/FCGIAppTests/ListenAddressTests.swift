// Where to listen, and who may connect, as settings say it.

import Glibc
import Testing

@testable import FCGIApp

@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("/run/x.sock", ListenAddress.path("/run/x.sock")),
        ("127.0.0.1:9000", .port(host: "127.0.0.1", port: "9000")),
        ("localhost:1", .port(host: "localhost", port: "1")),
        ("[::1]:9000", .port(host: "::1", port: "9000")),
    ])
    func whatItTakes(text: String, address: ListenAddress) {
        #expect(ListenAddress(text) == address)
        #expect("\(address)" == text)
    }

    @Test(arguments: [
        "", "x", "run/x.sock", "9000", ":9000", "host:", "host:0", "host:65536", "host:x", "::1:9000", "[]:9000",
        "/" + String(repeating: "x", count: 107),
    ])
    func whatItRefuses(text: String) {
        #expect(ListenAddress(text) == nil)
    }
}

@Suite struct AllowedPeersTests {
    @Test(arguments: ["127.0.0.1", " 10.0.0.1 , 127.0.0.1", "::ffff:127.0.0.1, 127.0.0.1"])
    func aListedAddressMayConnect(text: String) throws {
        let peers = try #require(AllowedPeers(text))
        #expect(peers.include(peer(v4: "127.0.0.1")))
        #expect(peers.include(peer(v6: "::ffff:127.0.0.1")))
    }

    @Test func anotherMayNot() throws {
        let peers = try #require(AllowedPeers("10.0.0.1,::1"))
        #expect(!peers.include(peer(v4: "127.0.0.1")))
        #expect(!peers.include(peer(v6: "::2")))
        #expect(peers.include(peer(v6: "0:0:0:0:0:0:0:1")))
    }

    @Test func withoutAListAllMay() {
        #expect(AllowedPeers.all.include(peer(v4: "192.0.2.1")))
    }

    @Test func onAUnixSocketItsPermissionsDecide() throws {
        var unix = sockaddr_storage()
        unix.ss_family = sa_family_t(AF_UNIX)
        #expect(try #require(AllowedPeers("10.0.0.1")).include(unix))
    }

    @Test(arguments: ["", "localhost", "10.0.0.1,", "10.0.0", "10.0.0.1;10.0.0.2"])
    func whatIsNoListOfAddresses(text: String) {
        #expect(AllowedPeers(text) == nil)
    }

    private func peer(v4 text: String) -> sockaddr_storage {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, text, &address.sin_addr)
        return storage(of: address)
    }

    private func peer(v6 text: String) -> sockaddr_storage {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        inet_pton(AF_INET6, text, &address.sin6_addr)
        return storage(of: address)
    }

    private func storage<Address>(of address: Address) -> sockaddr_storage {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: address, as: Address.self) }
        return storage
    }
}
