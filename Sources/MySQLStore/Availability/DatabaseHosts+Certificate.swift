// When the certificates of the database's hosts end.

/// The end of a certificate, as a server tells it.
private struct CertificateRow: DecodableRow {
    /// In seconds since 1970; nil where the connection is not encrypted.
    let end: Int64?

    /// The server writes the time as OpenSSL does: "Jul  8 07:06:41 2029 GMT". It tells an unencrypted connection none.
    static let query = """
        SELECT TIMESTAMPDIFF(SECOND, '1970-01-01', STR_TO_DATE(NULLIF(VARIABLE_VALUE, ''), '%b %e %H:%i:%s %Y GMT'))
        FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'SSL_SERVER_NOT_AFTER'
        """

    init(_ row: inout RowReader) throws(DatabaseError) {
        end = try row.next()
    }
}

extension DatabaseHosts {
    /// The number of hosts.
    public var count: Int { settings.addresses.count }

    /// Whether the hosts are to show a certificate.
    public var useCertificates: Bool { settings.security.mode != .off }

    /// Asks a host when its certificate ends, and records the answer. It connects for that: a kept connection goes on
    /// telling of the certificate that it was made with, also when the server has got another one.
    ///
    /// Nothing follows from an error here: whether the host is well is for its keeper to find out.
    public func lookAtCertificate(of host: Int) throws(DatabaseError) {
        let connection = try Connection(settings, host: host, for: .requests)
        let end = try Statement<CertificateRow>(connection, CertificateRow.query).row()?.end
        shared.withLock { $0.certificateEnds[host] = end }
    }
}
