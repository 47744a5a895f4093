// A POSIX thread with a name, and a stack of its own size.

internal import CLinux
import Glibc

/// A running thread. What it uses alone is best made inside it.
final class Thread: Sendable {
    private let handle: pthread_t

    /// Enough for the deepest JSON that is parsed, several times over.
    private static let stackSize = 512 * 1024

    /// - Parameter name: what `top -H` and debuggers show; at most 15 bytes.
    init(_ name: String, _ body: @escaping @Sendable () -> Void) {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setstacksize(&attributes, Self.stackSize)
        defer { pthread_attr_destroy(&attributes) }
        var handle = pthread_t()
        let box = Unmanaged.passRetained(Box(name, body)).toOpaque()
        let result = pthread_create(
            &handle,
            &attributes,
            { argument in
                guard let argument else { return nil }
                let box = Unmanaged<Box>.fromOpaque(argument).takeRetainedValue()
                pthread_setname_np(pthread_self(), box.name)
                box.body()
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
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
