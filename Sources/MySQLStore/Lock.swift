// A value that threads use one at a time.

internal import Glibc

/// A mutex with the value that it guards. A pthread mutex, which the thread sanitizer follows; of
/// Synchronization.Mutex it reports races that are none.
final class Lock<Value: ~Copyable>: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private var value: Value

    init(_ value: consuming Value) {
        self.value = value
        let result = pthread_mutex_init(mutex, nil)
        precondition(result == 0, "pthread_mutex_init: \(result)")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` while no other thread uses the value.
    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        let result = pthread_mutex_lock(mutex)
        precondition(result == 0, "pthread_mutex_lock: \(result)")
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
