// A value that threads use one at a time, and may wait for.

import Glibc
import MySQLStore

/// A mutex with the value that it guards. A pthread mutex, since it goes with a condition.
final class Monitor<Value: ~Copyable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let value = UnsafeMutablePointer<Value>.allocate(capacity: 1)

    init(_ value: consuming Value) {
        self.value.initialize(to: value)
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
        value.deinitialize(count: 1)
        value.deallocate()
    }

    /// Runs `body` while no other thread uses the value.
    @inline(__always)
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value.pointee)
    }

    /// Runs `attempt` until it gives something; in between, waits for the condition to be signalled.
    @inline(__always)
    func wait<Result>(for condition: Condition, until attempt: (inout Value) -> Result?) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = attempt(&value.pointee) { return result }
            condition.wait(with: mutex)
        }
    }

    /// Runs `attempt` until it gives something, or the deadline has passed: nil. In between, waits for the
    /// condition to be signalled.
    ///
    /// - Parameter deadline: nil: there is none.
    func wait<Result>(
        for condition: Condition,
        until deadline: Instant?,
        _ attempt: (inout Value) -> Result?
    ) -> Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
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

/// What threads wait for that found nothing to do. Signalled by whoever changes that, under the lock of
/// the monitor.
final class Condition: @unchecked Sendable {
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// How many threads wait. Used under the monitor's lock.
    private var waiting = 0

    init() {
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        // The clock of Instant.
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    /// Wakes so many of the threads that wait. Where none does, it costs no system call.
    func signal(_ count: Int = 1) {
        for _ in 0..<max(0, min(count, waiting)) { pthread_cond_signal(condition) }
    }

    /// Wakes all threads that wait.
    func broadcast() {
        pthread_cond_broadcast(condition)
    }

    fileprivate func wait(with mutex: UnsafeMutablePointer<pthread_mutex_t>) {
        waiting += 1
        pthread_cond_wait(condition, mutex)
        waiting -= 1
    }

    fileprivate func wait(with mutex: UnsafeMutablePointer<pthread_mutex_t>, until deadline: Instant) {
        var time = deadline.timespec
        waiting += 1
        pthread_cond_timedwait(condition, mutex, &time)
        waiting -= 1
    }
}

extension Instant {
    /// As the C library has it, by CLOCK_MONOTONIC.
    fileprivate var timespec: timespec {
        Glibc.timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
