// The header of a record of the FastCGI protocol (FastCGI specification 1.0, sections 3.3 and 8).

/// The eight bytes in front of every record.
struct RecordHeader {
    /// The types of records that a web server sends to a responder. Records of other types are no part of a request.
    enum Kind: UInt8 {
        case beginRequest = 1
        case abortRequest = 2
        case params = 4
        case stdin = 5
    }

    static let length = 8
    /// The offset of the padding's length in the header.
    static let paddingLengthOffset = 6
    static let version: UInt8 = 1
    /// The id of management records, which belong to no request.
    static let nullRequestID: UInt16 = 0
    /// A GET_VALUES_RESULT (section 4.1) that names nothing.
    static let emptyManagementRecord: [UInt8] = [version, 10, 0, 0, 0, 0, 0, 0]
    /// Bytes of the body of a BEGIN_REQUEST.
    static let beginRequestLength = 8
    /// The only role of this application: one request in, one answer out.
    static let responder: UInt16 = 1

    var version: UInt8
    /// The record's type; nil: one that no web server sends to a responder.
    var kind: Kind?
    var requestID: UInt16
    /// Bytes of content.
    var contentLength: Int
    /// Bytes of padding behind the content.
    var paddingLength: Int

    /// Bytes of the record, this header included.
    var recordLength: Int { Self.length + contentLength + paddingLength }

    /// Decodes a header.
    ///
    /// - Parameter bytes: at least eight.
    init(_ bytes: UnsafeRawBufferPointer) {
        version = bytes[0]
        kind = Kind(rawValue: bytes[1])
        requestID = UInt16(bytes[2]) << 8 | UInt16(bytes[3])
        contentLength = Int(bytes[4]) << 8 | Int(bytes[5])
        paddingLength = Int(bytes[Self.paddingLengthOffset])
    }
}
