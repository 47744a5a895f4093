// The head of an answer, byte by byte.

import Handlers
import Testing

@testable import FCGIApp

@Suite struct ResponseHeadTests {
    @Test func itEndsWithAnEmptyLine() {
        let response = Response(status: 200, headers: [], body: Array("{}".utf8), failure: nil)
        #expect(
            text(response) == "Status: 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
        )
    }

    @Test func itCarriesTheResponsesHeaders() {
        let response = Response(status: 405, headers: [("Allow", "POST")], body: [], failure: nil)
        #expect(
            text(response)
                == "Status: 405 Method Not Allowed\r\nContent-Type: application/json\r\nContent-Length: 0\r\n"
                + "Allow: POST\r\n\r\n"
        )
    }

    private func text(_ response: Response) -> String {
        String(decoding: ResponseHead.bytes(of: response), as: UTF8.self)
    }
}
