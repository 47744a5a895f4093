// The numbers of errors have the meanings that MariaDB gives them.

import Testing

@testable import MySQLStore

@Suite struct MeaningTests {
    private static func meaning(_ number: UInt32) -> DatabaseError.Meaning { error(number).meaning }

    private static func error(_ number: UInt32) -> DatabaseError {
        DatabaseError(code: .init(rawValue: number), sqlState: "HY000", message: "")
    }

    @Test(arguments: [1053, 1152, 1180, 1184, 1927, 2002, 2003, 2006, 2013, 2026, 2055, 5013, 5014] as [UInt32])
    func theConnectionIsLost(number: UInt32) {
        #expect(Self.meaning(number) == .connectionLost)
    }

    @Test(arguments: [3, 20, 1317, 1969] as [UInt32])
    func theServerHasStoppedTheStatement(number: UInt32) {
        #expect(Self.meaning(number) == .stopped)
        #expect(Self.error(number).kind == .interrupted)
    }

    @Test(arguments: [1020, 1205, 1213] as [UInt32])
    func aLockConflict(number: UInt32) {
        #expect(Self.meaning(number) == .lockConflict)
    }

    @Test(
        arguments: [
            (1047, .rejecting), (1290, .readOnly), (1792, .readOnly), (1836, .readOnly), (1665, .unsuitable),
            (1153, .unsuitable), (1021, .exhausted), (1114, .exhausted), (1040, .full), (1203, .full), (1226, .full),
            (1461, .full), (1045, .denied), (1130, .denied), (4151, .denied),
        ] as [(UInt32, HostFault.Kind)]
    )
    func aFaultOfTheHost(number: UInt32, kind: HostFault.Kind) {
        #expect(Self.meaning(number) == .hostFault(kind))
        #expect(Self.error(number).kind != .statement)
    }

    @Test(arguments: [1054, 1064, 1142, 1146, 1305, 1370, 1644] as [UInt32])
    func anErrorThatRepetitionDoesNotMend(number: UInt32) {
        #expect(Self.meaning(number) == .permanent)
        #expect(Self.error(number).kind == .statement)
    }

    @Test func aRequestWithoutTimeHasAskedNothing() {
        #expect(DatabaseError.deadlineExceeded.meaning == .notSent)
    }

    @Test func anErrorInConnectingIsAlwaysTheHosts() {
        #expect(Self.error(2002).connectFault(isSilent: false).kind == .unreachable)
        #expect(Self.error(2013).connectFault(isSilent: true).kind == .silent)
        #expect(Self.error(1049).connectFault(isSilent: false).kind == .denied)
        #expect(Self.error(1047).connectFault(isSilent: false).kind == .rejecting)
    }
}
