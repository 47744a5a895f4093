// The thread that tells changes of orders in their conversations.

import Logging
import MySQLStore
import Runtime

/// Has the database make messages of the changes that its trigger has recorded, four times a second. Whether any are
/// recorded is the operator's choice; while none are, a look costs the database next to nothing.
struct OrderProgress: Sendable {
    let status = OrderProgressStatus()
    private let hosts: DatabaseHosts
    private let logger: Logger

    private static let interval = Interval.milliseconds(250)
    /// The time to the next look after one that has failed.
    private static let errorPause = Interval.milliseconds(500)

    init(_ hosts: DatabaseHosts, logger: Logger) {
        self.hosts = hosts
        self.logger = logger
    }

    func run(until stop: StopSignal) {
        let teller = OrderProgressTeller(hosts)
        var locked = LockedOrders()
        var place: Int64?
        var pause = Interval.zero
        while !stop.wait(for: pause) {
            do {
                let report = try teller.tell(from: place)
                status.record(report)
                log(report)
                place = report.next
                try wait(for: report.locked, &locked, teller)
                pause = place == nil ? Self.interval : .zero
            } catch {
                status.recordFailure()
                // Of a database that cannot be asked the hosts' keepers tell.
                if error.kind == .statement {
                    logger.error("telling the orders' progress failed: \(error)", cause: "telling the orders' progress")
                }
                place = nil
                pause = Self.errorPause
            }
        }
    }

    /// Waits for the locks that have kept orders, until one is not had.
    private func wait(
        for orders: [Int64],
        _ locked: inout LockedOrders,
        _ teller: OrderProgressTeller
    ) throws(DatabaseError) {
        for order in locked.worthWaiting(orders, at: .now) {
            let report = try teller.tell(order: order)
            status.recordWait(report)
            guard report.locked.isEmpty else { return locked.waitedInVain(for: order, at: .now) }
            locked.told(order)
        }
    }

    private func log(_ report: OrderProgressReport) {
        guard report.failed > 0 else { return }
        logger.error(
            "the progress of \(report.failed) orders could not be told, the last: \(report.lastError ?? "unknown")",
            cause: "telling an order's progress"
        )
    }
}
