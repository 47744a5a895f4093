// The gate between a peer's bytes and libfcgi.

/// Follows the records of one request as they come in, and tells when it is whole.
///
/// libfcgi trusts its peer: a length of two gigabytes, or a management record that asks for one
/// variable often enough, ends the process. So it reads only what has passed here: one request, whole,
/// with nothing in it that a web server has no reason to send. Records of other requests, the part of a
/// body that is over the limit, and padding that libfcgi stumbles over are taken out of the bytes.
struct RequestGate {
    enum Verdict: Equatable {
        /// Nothing is wrong so far, and the request is not whole.
        case incomplete
        /// The first `length` bytes are a whole request. What came in behind it begins at `position`.
        case complete(length: Int)
        /// The bytes are no request that a web server would send.
        case violation
    }

    private enum Expectation {
        case beginRequest
        case params
        case stdin
    }

    private let bodyLimit: Int
    private var expectation = Expectation.beginRequest
    private var requestID: UInt16 = 0
    private var parameters = ParameterScanner()
    /// Bytes of the body so far, those over the limit included.
    private(set) var bodyLength = 0
    /// Bytes of the request that are kept: whole records, one behind the other.
    private var keptLength = 0
    /// Where the next record begins, counted from the request's beginning. Not below `keptLength`.
    private(set) var position = 0
    /// Bytes that are no part of the request's parameters and body: headers and padding, and whole records.
    private var overhead = 0

    /// How many of these bytes there may be. To answer a body that is too large, and go on behind it, the rest of it is
    /// read; beyond this limit, closing the connection is cheaper.
    static let overheadLimit = 1 << 20

    /// - Parameter bodyLimit: bytes of a body that are kept.
    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    /// Whether a part of the request has been looked at.
    var hasBegun: Bool { expectation != .beginRequest }

    /// Whether the body is longer than the limit; the bytes then hold only its beginning.
    var isBodyTooLarge: Bool { bodyLength > bodyLimit }

    /// Looks at the records that have come in whole since the last call.
    ///
    /// Each byte is moved once at the most, and what came behind the request not at all: a peer decides how
    /// many records there are to be taken out, and how many requests lie one behind the other.
    ///
    /// - Parameters:
    ///   - bytes: all that was received of this request and kept, and whatever came behind it. Records
    ///     that libfcgi is not to see are removed.
    ///   - start: where the request begins in them.
    mutating func advance(over bytes: inout [UInt8], from start: Int = 0) -> Verdict {
        let verdict = bytes.withUnsafeMutableBytes { bytes in
            followRecords(in: UnsafeMutableRawBufferPointer(rebasing: bytes[start...]))
        }
        if verdict == .incomplete, keptLength < position {
            // All that lies behind came in since the last call, as the end of the last record that was removed did.
            bytes.removeSubrange(start + keptLength..<start + position)
            position = keptLength
        }
        return verdict
    }

    private mutating func followRecords(in bytes: UnsafeMutableRawBufferPointer) -> Verdict {
        while let header = header(in: bytes) {
            guard isAcceptable(header) else { return .violation }
            guard bytes.count - position >= header.recordLength else { return .incomplete }
            let content = position + RecordHeader.length..<position + RecordHeader.length + header.contentLength
            switch judge(header, UnsafeRawBufferPointer(rebasing: bytes[content])) {
            case .keep:
                keep(header, in: bytes)
                overhead += header.recordLength - header.contentLength
            case .keepForeign:
                keep(header, in: bytes)
                overhead += header.recordLength
            case .skip:
                position += header.recordLength
                overhead += header.recordLength
            case .end:
                keep(header, in: bytes)
                return .complete(length: keptLength)
            case .refuse:
                return .violation
            }
            guard overhead <= Self.overheadLimit else { return .violation }
        }
        return .incomplete
    }

    /// Moves the next record to those that are kept.
    private mutating func keep(_ header: RecordHeader, in bytes: UnsafeMutableRawBufferPointer) {
        // Behind a record that is no piece of a stream libfcgi takes padding for the next record.
        let losesPadding = header.kind == .beginRequest || header.contentLength == 0
        let length = losesPadding ? header.recordLength - header.paddingLength : header.recordLength
        if keptLength < position {
            let record = UnsafeRawBufferPointer(rebasing: bytes[position..<position + length])
            UnsafeMutableRawBufferPointer(rebasing: bytes[keptLength...]).copyMemory(from: record)
        }
        if losesPadding { bytes[keptLength + RecordHeader.paddingLengthOffset] = 0 }
        keptLength += length
        position += header.recordLength
    }

    private enum Judgement {
        case keep, keepForeign, skip, end, refuse
    }

    private func header(in bytes: UnsafeMutableRawBufferPointer) -> RecordHeader? {
        guard bytes.count - position >= RecordHeader.length else { return nil }
        return RecordHeader(UnsafeRawBufferPointer(rebasing: bytes[position..<position + RecordHeader.length]))
    }

    /// Judges a record by its header: a peer that is refused anyway is not waited for.
    private func isAcceptable(_ header: RecordHeader) -> Bool {
        guard header.version == RecordHeader.version, header.requestID != RecordHeader.nullRequestID else {
            return false
        }
        if expectation == .beginRequest {
            return header.kind == .beginRequest && header.contentLength == RecordHeader.beginRequestLength
        }
        guard header.requestID == requestID else { return true }
        return header.kind == .params && expectation == .params || header.kind == .stdin && expectation == .stdin
    }

    private mutating func judge(_ header: RecordHeader, _ content: UnsafeRawBufferPointer) -> Judgement {
        if expectation == .beginRequest {
            guard UInt16(content[0]) << 8 | UInt16(content[1]) == RecordHeader.responder else { return .refuse }
            requestID = header.requestID
            expectation = .params
            return .keep
        }
        guard header.requestID == requestID else { return judgeForeign(header) }
        if expectation == .params {
            guard content.isEmpty else { return parameters.scan(content) ? .keep : .refuse }
            guard parameters.isBetweenPairs else { return .refuse }
            expectation = .stdin
            return .keep
        }
        guard !content.isEmpty else { return .end }
        bodyLength += content.count
        return isBodyTooLarge ? .skip : .keep
    }

    /// Judges a record of another request. There is one request at a time on a connection; libfcgi says so to a peer that
    /// begins another, and needs to see only that record.
    private func judgeForeign(_ header: RecordHeader) -> Judgement {
        header.kind == .beginRequest && header.contentLength == RecordHeader.beginRequestLength ? .keepForeign : .skip
    }
}
