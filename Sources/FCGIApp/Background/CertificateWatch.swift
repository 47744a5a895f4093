// The thread that looks when the certificates of the database's hosts end.

import MySQLStore
import Runtime

/// Looks at the certificate of each host, now and then. What it finds is in the hosts' statuses; an end that is near is
/// for whoever reads the metrics, and changes nothing here.
struct CertificateWatch {
    let hosts: DatabaseHosts

    private static let interval = Interval.seconds(600)
    /// The time to the next look where a host could not be asked, as one that is out.
    private static let intervalAfterFailure = Interval.seconds(10)

    func run(until stop: StopSignal) {
        var pause: Interval
        repeat {
            pause = Self.interval
            for host in 0..<hosts.count {
                do {
                    try hosts.lookAtCertificate(of: host)
                } catch {
                    pause = Self.intervalAfterFailure
                }
            }
        } while !stop.wait(for: pause)
    }
}
