// The threads that look after the database's hosts.

import MySQLStore

/// Has a keeper look at one host, again and again.
struct HostWatch {
    let hosts: DatabaseHosts
    let host: Int

    func run(until stop: StopSignal) {
        let keeper = HostKeeper(hosts, host: host)
        var pause: Interval
        repeat { pause = keeper.look() } while (try? stop.wait(milliseconds: Int32(pause.milliseconds))) == false
    }
}
