// TLS between the service and the database.

internal import CMariaDB

/// Whether and how the connection is encrypted.
public struct TransportSecurity: Sendable {
    /// What is asked of the server.
    public enum Mode: String, Sendable {
        /// No TLS.
        case off
        /// TLS, with whoever answers.
        case required
        /// TLS, with a certificate for the host that was asked for, signed by the authority.
        case verify
    }

    /// What is asked of the server.
    public var mode: Mode
    /// Path of the certificates of the authorities that are trusted, in PEM; nil: the system's.
    public var authority: String?
    /// Path of the client's certificate, in PEM.
    public var certificate: String?
    /// Path of the client's private key, in PEM.
    public var key: String?

    /// Whether and how the connection is encrypted.
    public init(mode: Mode, authority: String?, certificate: String?, key: String?) {
        self.mode = mode
        self.authority = authority
        self.certificate = certificate
        self.key = key
    }

    /// Sets it for a connection that is still to be made.
    func apply(to handle: UnsafeMutablePointer<MYSQL>) {
        var enforced: my_bool = mode == .off ? 0 : 1
        var verified: my_bool = mode == .verify ? 1 : 0
        mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforced)
        mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verified)
        guard mode != .off else { return }
        mysql_ssl_set(handle, key, certificate, authority, nil, nil)
    }

    /// Makes sure of it on a connection that was made: to a server without TLS the library speaks
    /// without it, whatever was asked for.
    func check(_ handle: UnsafeMutablePointer<MYSQL>, at address: DatabaseAddress) throws(DatabaseError) {
        guard mode != .off, case .host = address, mysql_get_ssl_cipher(handle) == nil else { return }
        throw DatabaseError(
            code: .secureConnectionFailed,
            sqlState: "HY000",
            message: "the server does not offer TLS"
        )
    }
}
