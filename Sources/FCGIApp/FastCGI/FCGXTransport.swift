// libfcgi's reads and writes, which come to this program in place of a socket.

import Glibc
import Runtime

// libfcgi calls OS_Read, OS_Write and OS_IpcClose for its connections. These are symbols of its own, which a program
// may define before it. Its own functions would wait for each byte without a limit, end a request for every signal
// that arrives meanwhile, and close descriptors by themselves, after lingering for seconds. `FCGXLibrary` checks at the
// start that the calls come here.

/// The connection that libfcgi reads from and writes to on a thread.
enum FCGXTransport {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        checkPthread("pthread_key_create", pthread_key_create(&key, nil))
        return key
    }()

    /// Has libfcgi's calls on this thread go to a connection. Its owner keeps it for as long as its request is served.
    static func use(_ connection: FCGXConnection) {
        checkPthread("pthread_setspecific", pthread_setspecific(key, Unmanaged.passUnretained(connection).toOpaque()))
    }

    fileprivate static var connection: FCGXConnection? {
        pthread_getspecific(key).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }
}

/// Gives the next bytes of the request that is served on this thread; returns how many, 0 at their end.
@c(OS_Read)
public func fcgxRead(_: Int32, _ buffer: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int32 {
    guard let connection = FCGXTransport.connection else { return -1 }
    return Int32(connection.read(into: UnsafeMutableRawBufferPointer(start: buffer, count: count)))
}

/// Sends bytes to the peer of the request that is served on this thread; returns how many, or -1.
@c(OS_Write)
public func fcgxWrite(_: Int32, _ bytes: UnsafePointer<CChar>?, _ count: Int) -> Int32 {
    guard let connection = FCGXTransport.connection else { return -1 }
    return Int32(connection.send(UnsafeRawBufferPointer(start: bytes, count: count)))
}

/// Closes nothing: the descriptor belongs to its `FCGXConnection`.
@c(OS_IpcClose)
public func fcgxClose(_: Int32, _: Int32) -> Int32 {
    0
}
