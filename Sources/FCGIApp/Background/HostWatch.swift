// The thread that looks after one of the database's hosts.

import Logging
import MySQLStore
import Runtime

/// Has a keeper look at its host again and again, and logs what has changed on any host.
struct HostWatch {
    let hosts: DatabaseHosts
    let host: Int
    let logger: Logger

    func run(until stop: StopSignal) {
        let keeper = HostKeeper(hosts, host: host)
        var pause: Interval
        repeat {
            pause = keeper.checkHost()
            hosts.takeChanges().forEach(log)
        } while !stop.wait(for: pause)
    }

    private func log(_ change: DatabaseHosts.Change) {
        guard let fault = change.fault else {
            let seconds = Double(change.lasted.milliseconds / 100) / 10
            return logger.notice("database host \(change.address) is back after \(seconds) s")
        }
        let use = change.isStillUsed ? "is used all the same" : "is out"
        logger.error("database host \(change.address) \(use): \(fault)")
    }
}
