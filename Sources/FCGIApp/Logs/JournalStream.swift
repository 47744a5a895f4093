// Whether an output goes to systemd's journal.

import Glibc

enum JournalStream {
    /// Whether the descriptor is the stream that systemd has connected with the journal. Its device and inode are then
    /// in JOURNAL_STREAM, as "8:1234" (systemd.exec(5)); a process whose output somebody has redirected since has the
    /// variable all the same.
    ///
    /// - Parameter variable: the value of JOURNAL_STREAM; nil where it is not set.
    static func isConnected(to descriptor: Int32, variable: UnsafePointer<CChar>?) -> Bool {
        guard let variable else { return false }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return false }
        return String(cString: variable) == "\(status.st_dev):\(status.st_ino)"
    }
}
