// What this program relies on in libfcgi.

import Testing

@testable import FCGIApp

@Suite struct FCGXLibraryTests {
    @Test func theFieldsOfARequestAreWhereTheyAreExpected() throws {
        try FCGXLibrary.checkLayout()
    }

    @Test func itReadsAndWritesThroughThisProgram() throws {
        try FCGXLibrary.start()
    }
}
