// The table chooses a host by what was observed.

import Runtime
import Testing

@testable import MySQLStore

@Suite struct HostTableTests {
    private let start = Instant.now
    private static let silent = fault(.silent)

    private static func fault(_ kind: HostFault.Kind) -> HostFault {
        HostFault(kind, DatabaseError(code: .init(rawValue: 2013), sqlState: "HY000", message: "\(kind)"))
    }

    private func at(_ seconds: Double) -> Instant { start + .seconds(seconds) }

    private func table(_ count: Int) -> HostTable { HostTable(count: count, at: start - .seconds(3_600)) }

    // MARK: Which one

    @Test func theFirstIsUsedBeforeAnythingIsKnown() {
        expect(table(3).choice == .use(0))
    }

    @Test(arguments: [
        HostFault.Kind.readOnly, .unsuitable, .writesBlocked, .exhausted, .full, .denied, .rejecting, .unreachable,
        .silent,
    ])
    func aHostWithAnyFaultIsPassedOverForAHealthyOne(kind: HostFault.Kind) {
        var table = table(2)
        let change = table.recordFault(Self.fault(kind), of: 0, at: start)
        expect(change?.host == 0 && change?.fault?.kind == kind)
        expect(table.choice == .use(1))
    }

    @Test func theOrderIsThatOfTheList() {
        var table = table(3)
        _ = table.recordFault(Self.silent, of: 0, at: start)
        expect(table.choice == .use(1))
        _ = table.recordFault(Self.silent, of: 1, at: start)
        expect(table.choice == .use(2))
        _ = table.recordHealthy(1, at: at(1))
        expect(table.choice == .use(1))
        _ = table.recordHealthy(0, at: at(2))
        expect(table.choice == .use(0))
    }

    @Test func whereAllAreOutTheLeastFaultIsUsed() {
        var table = table(3)
        _ = table.recordFault(Self.silent, of: 0, at: start)
        _ = table.recordFault(Self.fault(.readOnly), of: 1, at: start)
        _ = table.recordFault(Self.fault(.writesBlocked), of: 2, at: start)
        expect(table.choice == .use(1))
    }

    @Test(arguments: [HostFault.Kind.rejecting, .unreachable, .silent])
    func whereNothingCouldSucceedRequestsAreRefusedAtOnce(kind: HostFault.Kind) {
        var table = table(2)
        _ = table.recordFault(Self.silent, of: 0, at: start)
        _ = table.recordFault(Self.fault(kind), of: 1, at: start)
        let refused = kind == .silent ? 0 : 1
        expect(table.choice == .refuse(refused, Self.fault(kind)))
        _ = table.recordHealthy(1, at: at(3))
        expect(table.choice == .use(1))
    }

    @Test(arguments: [HostFault.Kind.readOnly, .unsuitable, .writesBlocked, .exhausted, .full, .denied])
    func theOnlyHostIsUsedForWhatItCanStillDo(kind: HostFault.Kind) {
        var table = table(1)
        _ = table.recordFault(Self.fault(kind), of: 0, at: start)
        expect(table.choice == .use(0))
    }

    // MARK: Changes

    @Test func aFaultIsToldOnceAndAnotherKindAnew() {
        var table = table(2)
        expect(table.recordFault(Self.silent, of: 0, at: start) != nil)
        expect(table.recordFault(Self.silent, of: 0, at: at(1)) == nil)
        expect(table.recordFault(Self.fault(.unreachable), of: 0, at: at(2))?.fault?.kind == .unreachable)
    }

    @Test func aReturnIsToldWithTheTimeThatItTook() {
        var table = table(2)
        _ = table.recordFault(Self.silent, of: 0, at: start)
        let change = table.recordHealthy(0, at: at(5))
        expect(change == HostTable.Change(host: 0, fault: nil, lasted: .seconds(5)))
        expect(table.recordHealthy(0, at: at(6)) == nil)
    }

    @Test func aHostThatIsHealthyFromTheStartIsNoChange() {
        var table = table(1)
        expect(table.recordHealthy(0, at: start) == nil)
    }

    // MARK: Coming and going

    @Test func theFirstReturnIsAtOnce() {
        var table = table(2)
        _ = table.recordHealthy(0, at: start)
        _ = table.recordFault(Self.silent, of: 0, at: at(1))
        expect(table.recordHealthy(0, at: at(1.1)) != nil)
        expect(table.choice == .use(0))
    }

    @Test func aHostThatComesAndGoesIsHeldUpLongerEachTime() {
        var table = table(2)
        _ = table.recordHealthy(0, at: start)
        _ = table.recordFault(Self.silent, of: 0, at: at(1))
        _ = table.recordHealthy(0, at: at(2))
        for (fault, recovery) in [(3.0, 4.0), (5, 7), (8, 12)] {
            _ = table.recordFault(Self.silent, of: 0, at: at(fault))
            _ = table.recordHealthy(0, at: at(recovery - 0.1))
            expect(table.choice == .use(1))
            expect(table.recordHealthy(0, at: at(recovery)) != nil)
            expect(table.choice == .use(0))
        }
    }

    @Test func oneThatIsHeldUpIsUsedWhereThereIsNoOther() {
        var table = table(2)
        _ = table.recordHealthy(0, at: start)
        _ = table.recordFault(Self.silent, of: 0, at: at(1))
        _ = table.recordHealthy(0, at: at(2))
        _ = table.recordFault(Self.silent, of: 0, at: at(3))
        _ = table.recordHealthy(0, at: at(3.1))
        expect(table.choice == .use(1))
        _ = table.recordFault(Self.fault(.readOnly), of: 1, at: at(3.2))
        expect(table.choice == .use(0))
    }

    @Test func theOnlyHostIsNeverHeldUp() {
        var table = table(1)
        _ = table.recordHealthy(0, at: start)
        for second in stride(from: 1.0, to: 10, by: 1) {
            _ = table.recordFault(Self.silent, of: 0, at: at(second))
            expect(table.recordHealthy(0, at: at(second + 0.1)) != nil)
        }
    }

    @Test func aHostThatWasHealthyForLongReturnsAtOnceAgain() {
        var table = table(2)
        _ = table.recordHealthy(0, at: start)
        _ = table.recordFault(Self.silent, of: 0, at: at(1))
        _ = table.recordHealthy(0, at: at(2))
        _ = table.recordFault(Self.silent, of: 0, at: at(3))
        _ = table.recordHealthy(0, at: at(4))
        _ = table.recordFault(Self.silent, of: 0, at: at(100))
        expect(table.recordHealthy(0, at: at(100.1)) != nil)
    }

    // MARK: Silence

    @Test func waitingForAsLongAsAHostMayTakeIsSilence() {
        let limit = Interval.seconds(1)
        expect(HostTable.isSilent(since: start, at: at(1), limit: limit, lastAnswer: at(-1)))
        expect(HostTable.isSilent(since: start, at: at(0.99), limit: limit, lastAnswer: at(-1)))
    }

    @Test func aRequestWhoseOwnTimeWasShortKnowsNothing() {
        expect(!HostTable.isSilent(since: start, at: at(0.5), limit: .seconds(1), lastAnswer: at(-1)))
    }

    @Test func aHostThatAnsweredSomebodyElseMeanwhileIsNotSilent() {
        expect(!HostTable.isSilent(since: start, at: at(5), limit: .seconds(1), lastAnswer: at(0.1)))
    }
}
