// What a store has asked of the database.

public import Runtime

/// Counts since the store was made.
public struct StoreStatistics: Sendable {
    /// Statements that were sent; a routine's call is one.
    public var statements = 0
    /// Connections that were made.
    public var connects = 0
    /// Time spent waiting for the database, connecting included.
    public var time = Interval.zero

    /// Nothing yet.
    public init() {}

    /// What was done since `earlier`.
    public static func - (now: StoreStatistics, earlier: StoreStatistics) -> StoreStatistics {
        var difference = now
        difference.statements -= earlier.statements
        difference.connects -= earlier.connects
        difference.time -= earlier.time
        return difference
    }

    /// Adds what was done besides.
    public static func += (sum: inout StoreStatistics, other: StoreStatistics) {
        sum.statements += other.statements
        sum.connects += other.connects
        sum.time += other.time
    }
}
