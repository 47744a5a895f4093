// The one place that reads errno.

import Glibc

/// A system call that failed.
struct SystemError: Error, CustomStringConvertible {
    /// What was being done, for people.
    let operation: String
    /// errno.
    let code: Int32

    var description: String { "\(operation): \(String(cString: strerror(code)))" }
}

/// Makes a system call that answers with -1 for an error; makes it again where a signal got in between.
@discardableResult
func system(_ operation: @autoclosure () -> String, _ call: () -> Int32) throws(SystemError) -> Int32 {
    while true {
        let result = call()
        if result != -1 { return result }
        if errno != EINTR { throw SystemError(operation: operation(), code: errno) }
    }
}
