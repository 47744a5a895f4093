// A mutual exclusion lock together with the value that it guards.

public import Glibc

/// A value that threads use one at a time, and whose changes they can wait for.
///
/// It is a pthread mutex: that goes with a condition, and the thread sanitizer follows it. Of
/// Synchronization.Mutex the sanitizer reports races that are none.
public final class Lock<Value: ~Copyable>: @unchecked Sendable {
    @usableFromInline let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// The guarded value. It lies behind a pointer, which spares each use the check for exclusive access that a
    /// class's property would bring: the mutex sees to that already.
    @usableFromInline let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    /// Guards a value.
    public init(_ value: consuming Value) {
        self.value.initialize(to: value)
        checkPthread("pthread_mutex_init", pthread_mutex_init(mutex, nil))
    }

    deinit {
        checkPthread("pthread_mutex_destroy", pthread_mutex_destroy(mutex))
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Runs `body` while no other thread uses the value.
    @inlinable @inline(__always)
    public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        checkPthread("pthread_mutex_lock", pthread_mutex_lock(mutex))
        defer { checkPthread("pthread_mutex_unlock", pthread_mutex_unlock(mutex)) }
        return body(&value.pointee)
    }

    /// Runs `attempt` until it returns a result; between two attempts, waits for the condition to be signalled.
    @inlinable @inline(__always)
    public func wait<Result>(for condition: Condition, until attempt: (inout Value) -> Result?) -> Result {
        checkPthread("pthread_mutex_lock", pthread_mutex_lock(mutex))
        defer { checkPthread("pthread_mutex_unlock", pthread_mutex_unlock(mutex)) }
        while true {
            if let result = attempt(&value.pointee) { return result }
            condition.wait(with: mutex)
        }
    }

    /// Runs `attempt` until it returns a result, or until the deadline has passed; between two attempts, waits for
    /// the condition to be signalled.
    ///
    /// - Parameter deadline: nil waits without an end.
    /// - Returns: the result, or nil where the deadline came first.
    public func wait<Result>(
        for condition: Condition,
        until deadline: Instant?,
        _ attempt: (inout Value) -> Result?
    ) -> Result? {
        checkPthread("pthread_mutex_lock", pthread_mutex_lock(mutex))
        defer { checkPthread("pthread_mutex_unlock", pthread_mutex_unlock(mutex)) }
        while true {
            if let result = attempt(&value.pointee) { return result }
            guard let deadline else {
                condition.wait(with: mutex)
                continue
            }
            if deadline <= .now { return nil }
            condition.wait(with: mutex, until: deadline)
        }
    }
}
