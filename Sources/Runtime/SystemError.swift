// System calls and their errors: the one place that reads errno after a call.

internal import Glibc

/// A system call that failed.
public struct SystemError: Error, CustomStringConvertible {
    /// The operation that failed, in words for the log.
    public let operation: String
    /// The value of errno.
    public let code: Int32

    /// An error from its parts; `system` makes most of them.
    public init(operation: String, code: Int32) {
        self.operation = operation
        self.code = code
    }

    /// The operation and the system's words for the code.
    public var description: String { "\(operation): \(String(cString: strerror(code)))" }
}

/// Makes a system call that returns -1 for an error, and makes it again where a signal interrupted it.
///
/// - Parameter operation: what the call is for; it becomes the error's `operation`.
@discardableResult
public func system(_ operation: @autoclosure () -> String, _ call: () -> Int32) throws(SystemError) -> Int32 {
    while true {
        let result = call()
        if result != -1 { return result }
        if errno != EINTR { throw SystemError(operation: operation(), code: errno) }
    }
}
