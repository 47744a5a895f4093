// Counts of what a store has asked of the database.

public import Runtime

/// Counts since a store was made.
public struct StoreStatistics: Sendable {
    /// The number of statements that were sent; the call of a routine is one.
    public var statements = 0
    /// The number of connections that were made.
    public var connects = 0
    /// The time that was spent waiting for the database, connecting included.
    public var time = Interval.zero

    /// All counts are zero.
    public init() {}

    /// The counts since `earlier`.
    public static func - (now: StoreStatistics, earlier: StoreStatistics) -> StoreStatistics {
        var difference = now
        difference.statements -= earlier.statements
        difference.connects -= earlier.connects
        difference.time -= earlier.time
        return difference
    }

    /// Adds the counts of another connection or store.
    public static func += (sum: inout StoreStatistics, other: StoreStatistics) {
        sum.statements += other.statements
        sum.connects += other.connects
        sum.time += other.time
    }
}
