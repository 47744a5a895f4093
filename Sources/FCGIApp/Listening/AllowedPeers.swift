// The hosts that may connect over TCP.

import Glibc

/// The addresses of FCGI_WEB_SERVER_ADDRS (FastCGI specification, section 3.2), or all.
struct AllowedPeers: Sendable {
    /// The addresses in the C library's spelling; nil: all may connect.
    private let addresses: Set<String>?

    static let all = AllowedPeers(addresses: nil)

    private init(addresses: Set<String>?) {
        self.addresses = addresses
    }

    /// Reads IPv4 and IPv6 addresses with commas between; nil where one is not an address.
    init?(_ text: String) {
        var addresses: Set<String> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let address = Self.canonical(String(part).trimmed) else { return nil }
            addresses.insert(address)
        }
        self.addresses = addresses
    }

    /// Whether a peer may connect. For a Unix socket this is always so: its permissions decide.
    func include(_ peer: sockaddr_storage) -> Bool {
        guard let addresses, let address = Self.text(of: peer) else { return true }
        return addresses.contains(address)
    }

    private static func canonical(_ text: String) -> String? {
        var v4 = in_addr()
        if inet_pton(AF_INET, text, &v4) == 1 { return self.text(of: &v4, family: AF_INET) }
        var v6 = in6_addr()
        if inet_pton(AF_INET6, text, &v6) == 1 { return self.text(of: &v6, family: AF_INET6) }
        return nil
    }

    /// The peer's address in the same spelling; nil for a family that has no such addresses.
    private static func text(of peer: sockaddr_storage) -> String? {
        withUnsafeBytes(of: peer) { bytes in
            switch Int32(peer.ss_family) {
            case AF_INET:
                var address = bytes.loadUnaligned(as: sockaddr_in.self).sin_addr
                return text(of: &address, family: AF_INET)
            case AF_INET6:
                var address = bytes.loadUnaligned(as: sockaddr_in6.self).sin6_addr
                let text = text(of: &address, family: AF_INET6)
                // An IPv4 peer of a listener for both.
                return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
            default:
                return nil
            }
        }
    }

    private static func text(of address: UnsafeRawPointer, family: Int32) -> String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        return inet_ntop(family, address, &text, socklen_t(text.count)).map { String(cString: $0) } ?? ""
    }
}

extension String {
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
