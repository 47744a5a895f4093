// Elements in the order of a time, to the tenth of a second.

import Runtime

/// A queue by time, for many elements whose exact order does not matter. An element is given at the first tick behind its
/// time. Inserting one takes the same time whatever their number.
struct TickQueue<Element> {
    /// The elements of each tick, by its number.
    private var ticks: [Int64: [Element]] = [:]
    /// The first tick that has not been taken.
    private var first: Int64 = .max

    private static var length: Interval { .milliseconds(100) }

    /// The time of the first tick; nil: there is no element.
    var next: Instant? {
        first == .max ? nil : Instant(nanoseconds: first * Self.length.nanoseconds)
    }

    mutating func insert(_ element: Element, at time: Instant) {
        let tick = (time.nanoseconds + Self.length.nanoseconds - 1) / Self.length.nanoseconds
        ticks[tick, default: []].append(element)
        first = min(first, tick)
    }

    /// Takes the elements of all ticks up to a time, in the order of the ticks.
    mutating func take(until now: Instant) -> [Element] {
        let last = now.nanoseconds / Self.length.nanoseconds
        guard first <= last else { return [] }
        var taken: [Element] = []
        for tick in ticks.keys.filter({ $0 <= last }).sorted() { taken += ticks.removeValue(forKey: tick) ?? [] }
        first = ticks.keys.min() ?? .max
        return taken
    }
}
