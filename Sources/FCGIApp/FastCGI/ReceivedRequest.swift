// The bytes that have come in on a connection, and the request at hand among them.

internal import CLinux

/// Holds a request until it is whole, and then gives it to libfcgi to read.
///
/// Invariants: `start` is at most `bytes.count`. From there on, the first `length` bytes are the request as libfcgi is
/// to read it, once it is whole; `readCount` is at most `length`.
struct ReceivedRequest {
    /// The request at hand, as far as it has come in, and whatever came in behind a whole one. Requests that were
    /// answered may stand before it: they are not removed one by one, but when more is received.
    private var bytes: [UInt8] = []
    /// Where in `bytes` the request at hand begins.
    private var start = 0
    /// How many bytes the whole request has; 0: it is not whole.
    private var length = 0
    /// How many bytes of the request libfcgi has read.
    private var readCount = 0
    private var gate: RequestGate
    private let bodyLimit: Int

    /// A buffer that grew past so many bytes for one large request is given back to the system.
    private static let keptCapacity = 4_096

    /// - Parameter bodyLimit: bytes of the largest body that is kept.
    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
        gate = RequestGate(bodyLimit: bodyLimit)
    }

    /// How many bytes of the request, and of whatever came in behind it, are there.
    var count: Int { bytes.count - start }

    /// Whether there are bytes that `advance` has not looked at: they came in behind the request before.
    var hasUnseenBytes: Bool { count > 0 && !gate.hasBegun }

    /// Bytes of the body, the part over the limit included.
    var bodyLength: Int { gate.bodyLength }

    /// Whether the body is longer than the limit. What is kept of it is only its beginning.
    var isBodyTooLarge: Bool { gate.isBodyTooLarge }

    // MARK: Receiving

    mutating func append(_ received: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: received)
    }

    /// Looks at what has come in since the last call.
    mutating func advance() -> RequestGate.Verdict {
        let verdict = gate.advance(over: &bytes, from: start)
        switch verdict {
        case .incomplete:
            // More is to be received behind it.
            bytes.removeSubrange(..<start)
            start = 0
        case .complete(let length):
            self.length = length
        case .violation:
            break
        }
        return verdict
    }

    /// Whether one of the texts stands in the parameters of the whole request. It is not found where it stands across
    /// two records.
    func parametersContain(anyOf texts: [[UInt8]]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            // The parameters stand before the body.
            let end = min(start + max(length - gate.bodyLength, 0), bytes.count)
            let parameters = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
            return texts.contains { memmem(parameters.baseAddress, UInt(parameters.count), $0, UInt($0.count)) != nil }
        }
    }

    /// Gives back memory that is not needed for the bytes that are there: the request is to wait for some time.
    mutating func releaseUnusedMemory() {
        bytes = [UInt8](bytes[start...])
        start = 0
    }

    // MARK: Reading

    /// Has `read` begin with the request's first byte.
    mutating func rewind() {
        readCount = 0
    }

    /// Copies the next bytes of the whole request; gives how many, 0 at their end.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, length - readCount)
        let next = start + readCount
        bytes.withUnsafeBytes { bytes in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[next..<next + count]))
        }
        readCount += count
        return count
    }

    /// Turns to the next request: this one has been answered.
    mutating func removeRequest() {
        start += gate.position
        if start == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
            start = 0
        }
        length = 0
        gate = RequestGate(bodyLimit: bodyLimit)
    }
}
