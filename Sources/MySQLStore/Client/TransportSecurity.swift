// TLS between the service and the database.

internal import CMariaDB

/// Whether and how the connection is encrypted.
public struct TransportSecurity: Sendable {
    /// What is demanded of the server.
    public enum Mode: String, Sendable {
        /// No TLS.
        case off
        /// TLS; the server's certificate is not checked.
        case required
        /// TLS; the server's certificate is for the host's name, and an authority has signed it.
        case verify
    }

    /// What is demanded of the server.
    public var mode: Mode
    /// The path of the certificates of the trusted authorities, in PEM; nil: those of the system.
    public var authority: String?
    /// The path of the client's certificate, in PEM.
    public var certificate: String?
    /// The path of the client's private key, in PEM.
    public var key: String?

    /// Transport security from its parts.
    public init(mode: Mode, authority: String?, certificate: String?, key: String?) {
        self.mode = mode
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }

    /// Sets the options of a connection that is still to be made.
    func apply(to handle: UnsafeMutablePointer<MYSQL>) {
        var enforced: my_bool = mode == .off ? 0 : 1
        var verified: my_bool = mode == .verify ? 1 : 0
        mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforced)
        mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verified)
        guard mode != .off else { return }
        mysql_ssl_set(handle, key, certificate, authority, nil, nil)
    }

    /// Throws where a connection is not encrypted and should be: the library connects to a server without TLS all the
    /// same, whatever was demanded.
    func check(_ handle: UnsafeMutablePointer<MYSQL>, at address: DatabaseAddress) throws(DatabaseError) {
        guard mode != .off, case .host = address, mysql_get_ssl_cipher(handle) == nil else { return }
        throw DatabaseError(
            code: .secureConnectionFailed,
            sqlState: "HY000",
            message: "the server does not offer TLS"
        )
    }
}
