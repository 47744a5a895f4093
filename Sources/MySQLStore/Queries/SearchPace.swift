// How far a call of a search goes, and in which steps.

internal import Runtime

/// Decides how many messages the next statement of a search looks at, and when a call has looked at enough. It is a
/// value without clock or I/O.
///
/// A step is small at first: contents may be of 64 KB, and not in the server's memory. It grows as far as statements are
/// quick. Where the server has stopped one for its time the search is slow: steps are a few messages, which the service
/// reads and looks through itself, until that is quick. A cursor takes the step along, so that each call gets on,
/// whatever a message costs.
struct SearchPace {
    /// Bounds on a call.
    struct Limits: Hashable {
        /// How many messages it looks at.
        var messages: Int
        /// After this time it begins no further statement.
        var time: Interval

        static let conversation = Limits(messages: 100_000, time: .milliseconds(80))
        static let allConversations = Limits(messages: 4_000_000, time: .milliseconds(280))
    }

    /// How long the server may take for a statement of a search, in milliseconds.
    static let statementLimit: Int64 = 200
    private static let firstStep = 2_000
    private static let longestStep = 50_000
    private static let longestSlowStep = 16
    /// Where a step takes less, the next one is longer.
    private static let quick = Interval.milliseconds(12)
    /// A slow step that is over in this time is slow no longer.
    private static let quickForSlow = Interval.milliseconds(4)
    /// Where a step takes more, the next one is shorter.
    private static let long = Interval.milliseconds(50)

    private let end: Instant
    private var left: Int
    /// Whether the service is to look through the messages itself.
    private(set) var isSlow: Bool
    private var size: Int

    /// - Parameters:
    ///   - step: the first step; nil: as usual.
    ///   - begun: when the call has begun.
    ///   - deadline: when nobody waits for it any more.
    init(_ limits: Limits, step: Int?, begun: Instant, until deadline: Instant) {
        end = min(begun + limits.time, begun + max(.zero, deadline - begun) / 2)
        left = limits.messages
        isSlow = step != nil
        size = step.map { min($0, Self.longestSlowStep) } ?? Self.firstStep
    }

    /// The most messages that the next statement is to look at.
    var step: Int { max(1, min(size, left)) }

    /// The step for a cursor; nil: as usual.
    var stepToKeep: Int? { isSlow ? size : nil }

    /// How many conversations are to be listed at once.
    var conversations: Int { isSlow ? 10 : SearchSQL.batch }

    /// Whether there is to be another statement.
    func mayGoOn(at now: Instant) -> Bool { left > 0 && now < end }

    /// A statement has looked at so many messages, or less, and has taken so long.
    mutating func looked(at count: Int, for duration: Interval) {
        left -= count
        if duration > Self.long {
            size = max(1, size / 2)
        } else if duration < (isSlow ? Self.quickForSlow : Self.quick), count >= size {
            size = min(size * 4, Self.longestStep)
            if size > Self.longestSlowStep { isSlow = false }
        }
    }

    /// A statement has looked at so many messages at the most, of conversations that have few.
    mutating func count(_ messages: Int) {
        left -= messages
    }

    /// The server has stopped a statement.
    mutating func stopped() {
        size = max(1, min(size / 8, Self.longestSlowStep))
        isSlow = true
    }
}
