// A POSIX thread with a name and a stack of a known size.

internal import CLinux
internal import Glibc

/// A running thread.
public final class Thread: Sendable {
    private let handle: pthread_t

    /// The size of a stack in bytes: several times what the deepest JSON that is parsed needs.
    private static let stackSize = 512 * 1024

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - name: what `top -H` and debuggers show; at most 15 bytes.
    ///   - body: what it runs; it ends when this returns.
    /// - Throws: EAGAIN where the user, the control group (TasksMax= of systemd) or the machine may have no more threads.
    public init(_ name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var attributes = pthread_attr_t()
        checkPthread("pthread_attr_init", pthread_attr_init(&attributes))
        checkPthread("pthread_attr_setstacksize", pthread_attr_setstacksize(&attributes, Self.stackSize))
        defer { checkPthread("pthread_attr_destroy", pthread_attr_destroy(&attributes)) }
        var handle = pthread_t()
        let start = Unmanaged.passRetained(Start(name, body))
        let result = pthread_create(
            &handle,
            &attributes,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                // A name that is too long is an error that nobody needs to hear of.
                pthread_setname_np(pthread_self(), start.name)
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard result == 0 else {
            start.release()
            throw SystemError(operation: "cannot start the thread \(name)", code: result)
        }
        self.handle = handle
    }

    /// Waits until the thread has ended. It is called once.
    public func join() {
        checkPthread("pthread_join", pthread_join(handle, nil))
    }

    /// The argument of a new thread, behind pthread_create's one pointer.
    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(_ name: String, _ body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}
