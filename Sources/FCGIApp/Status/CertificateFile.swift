// When a certificate in a file ends.

import COpenSSL
import Glibc

enum CertificateFile {
    /// Returns when the file's first certificate ends, in seconds since 1970; nil where there is none to be read. In a
    /// file with a chain the first one is the holder's own (SSL_CTX_use_certificate_chain_file(3)).
    static func end(at path: String) -> Int64? {
        // OpenSSL keeps the errors of a thread until somebody takes them.
        defer { ERR_clear_error() }
        guard let file = BIO_new_file(path, "r") else { return nil }
        defer { BIO_free(file) }
        guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else { return nil }
        defer { X509_free(certificate) }
        var end = tm()
        guard ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) == 1 else { return nil }
        return Int64(timegm(&end))
    }
}
