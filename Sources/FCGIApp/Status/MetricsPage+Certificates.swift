// The ends of the certificates on /metrics.

import MySQLStore

extension MetricsPage {
    /// Writes when the certificates end that the connections to the database are made with.
    static func addCertificates(of status: StatusSource, to page: inout PrometheusText) {
        page.family(
            "orbia_database_certificate_expiry_timestamp_seconds",
            "End of the host's certificate, since 1970.",
            "gauge",
            // No sample without TLS, and before the first look.
            status.hosts.statuses.compactMap { host in
                host.certificateEnd.map { (["host": "\(host.address)"], Double($0)) }
            }
        )
        page.family(
            "orbia_database_own_certificate_expiry_timestamp_seconds",
            "End of the service's own certificate, of MYSQL_TLS_CERT, since 1970.",
            "gauge",
            // The file is read each time, as it is for each new connection. No sample where there is none to be read.
            status.ownCertificate.flatMap(CertificateFile.end).map { [(PrometheusText.Labels(), Double($0))] } ?? []
        )
    }
}
