// A POSIX thread with a stack of its own size.

import Glibc

/// A running thread. What it uses alone is best made inside it.
final class Thread: Sendable {
    private let handle: pthread_t

    /// Enough for the deepest JSON that is parsed, several times over.
    private static let stackSize = 512 * 1024

    init(_ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        defer { pthread_attr_destroy(&attributes) }
        var handle = pthread_t()
        let box = Unmanaged.passRetained(Box(body)).toOpaque()
        let result = pthread_create(
            &handle,
            &attributes,
            { box in
                guard let box else { return nil }
                Unmanaged<Box>.fromOpaque(box).takeRetainedValue().body()
                return nil
            },
            box
        )
        guard result == 0 else { fatalError("cannot start a thread: \(String(cString: strerror(result)))") }
        self.handle = handle
    }

    /// Waits for its end.
    func join() {
        pthread_join(handle, nil)
    }

    private final class Box: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }
}
