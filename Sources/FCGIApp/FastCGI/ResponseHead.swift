// The head of an answer as CGI has it (RFC 3875, section 6.3).

import Handlers

enum ResponseHead {
    /// Status, Content-Type, Content-Length, and what else the response carries, up to the empty line.
    static func bytes(of response: Response, contentType: StaticString = "application/json") -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(128)
        head.append("Status: ")
        head.append(String(response.status))
        head.append(" ")
        head.append(reason(of: response.status))
        head.append("\r\nContent-Type: ")
        contentType.withUTF8Buffer { head.append(contentsOf: $0) }
        head.append("\r\nContent-Length: ")
        head.append(String(response.body.count))
        head.append("\r\n")
        for header in response.headers {
            header.name.withUTF8Buffer { head.append(contentsOf: $0) }
            head.append(": \(header.value)\r\n")
        }
        head.append("\r\n")
        return head
    }

    private static func reason(of status: Int) -> String {
        switch status {
        case 200: "OK"
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ text: String) {
        append(contentsOf: text.utf8)
    }
}
