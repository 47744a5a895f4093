// The orders whose changes a lock has kept from being told.

import Runtime

/// Decides which of them are worth waiting for.
///
/// Where sends follow each other without a break, a conversation's lock is had by waiting for one's turn, and soon.
/// Where somebody holds it, waiting only delays the other orders: so an order that was waited for in vain is not waited
/// for again for a second, and then for twice as long each time. Looks that do not wait find it meanwhile.
struct LockedOrders: Sendable {
    private struct Pause {
        var end: Instant
        var length: Interval
    }

    private var pauses: [Int64: Pause] = [:]

    private static let shortestPause = Interval.seconds(1)
    private static let longestPause = Interval.seconds(16)

    /// Returns the orders that are to be waited for now.
    func worthWaiting(_ locked: [Int64], at now: Instant) -> [Int64] {
        locked.filter { order in pauses[order].map { $0.end <= now } ?? true }
    }

    /// Notes that an order was waited for in vain.
    mutating func waitedInVain(for order: Int64, at now: Instant) {
        let length = pauses[order].map { min($0.length * 2, Self.longestPause) } ?? Self.shortestPause
        pauses[order] = Pause(end: now + length, length: length)
        // Orders that were told by another way are forgotten.
        pauses = pauses.filter { now < $0.value.end + Self.longestPause }
    }

    /// Notes that an order was told.
    mutating func told(_ order: Int64) {
        pauses[order] = nil
    }
}
