// The head of an answer as CGI has it (RFC 3875, section 6.3).

import Handlers

enum ResponseHead {
    /// Encodes Status, Content-Type, Content-Length and the response's own headers, up to the empty line.
    static func bytes(of response: Response, contentType: StaticString = "application/json") -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(160)
        head.append("Status: ")
        head.append(response.status)
        head.append(reason(of: response.status))
        head.append("\r\nContent-Type: ")
        head.append(contentType)
        head.append("\r\nContent-Length: ")
        head.append(response.body.count)
        head.append("\r\n")
        for header in response.headers {
            head.append(header.name)
            head.append(": ")
            head.append(contentsOf: header.value.utf8)
            head.append("\r\n")
        }
        head.append("\r\n")
        return head
    }

    /// The status's reason phrase, with the space in front of it. A status may have none (RFC 9112, section 4).
    private static func reason(of status: Int) -> StaticString {
        switch status {
        case 200: " OK"
        case 400: " Bad Request"
        case 401: " Unauthorized"
        case 403: " Forbidden"
        case 404: " Not Found"
        case 405: " Method Not Allowed"
        case 409: " Conflict"
        case 413: " Content Too Large"
        case 500: " Internal Server Error"
        case 503: " Service Unavailable"
        default: ""
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(contentsOf: $0) }
    }

    /// Appends the digits of a number that is not negative.
    fileprivate mutating func append(_ number: Int) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }
}
