// The check of what pthread's functions return.

internal import Glibc

/// Ends the process where a pthread function failed. These fail for mistakes in the program alone: a lock that
/// another thread holds is given back, or what was destroyed is used. (pthread_create is another matter; see Thread.)
///
/// - Parameter result: what the function returned: 0, or an error number.
@inlinable @inline(__always)
public func checkPthread(_ function: StaticString, _ result: Int32) {
    if result != 0 { failPthread(function, result) }
}

@usableFromInline @inline(never)
func failPthread(_ function: StaticString, _ result: Int32) -> Never {
    fatalError("\(function): \(String(cString: strerror(result)))")
}
