// A condition variable, on which threads wait until a value has changed.

public import Glibc

/// Threads wait for it with `Lock.wait`. The thread that changes the guarded value signals it, holding the same lock.
public final class Condition: @unchecked Sendable {
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// The number of threads that wait. It is read and written under the lock.
    private var waiting = 0

    /// A condition that no thread waits for.
    public init() {
        var attributes = pthread_condattr_t()
        checkPthread("pthread_condattr_init", pthread_condattr_init(&attributes))
        // Deadlines are Instants, which are of this clock.
        checkPthread("pthread_condattr_setclock", pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC))
        checkPthread("pthread_cond_init", pthread_cond_init(condition, &attributes))
        checkPthread("pthread_condattr_destroy", pthread_condattr_destroy(&attributes))
    }

    deinit {
        checkPthread("pthread_cond_destroy", pthread_cond_destroy(condition))
        condition.deallocate()
    }

    /// Wakes up to `count` of the waiting threads. It costs no system call where none waits.
    public func signal(_ count: Int = 1) {
        for _ in 0..<max(0, min(count, waiting)) {
            checkPthread("pthread_cond_signal", pthread_cond_signal(condition))
        }
    }

    /// Wakes all waiting threads.
    public func broadcast() {
        checkPthread("pthread_cond_broadcast", pthread_cond_broadcast(condition))
    }

    @usableFromInline
    func wait(with mutex: UnsafeMutablePointer<pthread_mutex_t>) {
        waiting += 1
        checkPthread("pthread_cond_wait", pthread_cond_wait(condition, mutex))
        waiting -= 1
    }

    /// Returns when it is signalled, or when the deadline has passed.
    func wait(with mutex: UnsafeMutablePointer<pthread_mutex_t>, until deadline: Instant) {
        var time = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000),
            tv_nsec: Int(deadline.nanoseconds % 1_000_000_000)
        )
        waiting += 1
        let result = pthread_cond_timedwait(condition, mutex, &time)
        waiting -= 1
        if result != ETIMEDOUT { checkPthread("pthread_cond_timedwait", result) }
    }
}
