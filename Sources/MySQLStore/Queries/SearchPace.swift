// How far a call of a search goes, and in which steps.

internal import Runtime

/// Decides how many messages the next statement of a search looks at, and when a call has looked at enough. It is a
/// value without clock or I/O.
///
/// A step is small at first: contents may be of 64 KB, and not in the server's memory. It grows as far as statements are
/// quick. Where the server has stopped one for its time the search is slow: steps are a few messages, which the service
/// reads and looks through itself, until messages are short again. A cursor takes the step along, so that each call
/// gets on, whatever a message costs.
struct SearchPace {
    /// Bounds on a call.
    struct Limits: Hashable {
        /// How many messages it looks at.
        var messages: Int
        /// After this time it begins no further statement.
        var time: Interval

        static let conversation = Limits(messages: 100_000, time: .milliseconds(75))
        static let allConversations = Limits(messages: 4_000_000, time: .milliseconds(280))
    }

    /// Messages whose texts the service has read, with the bytes of those, and the characters that it looked for.
    struct ReadContents: Hashable {
        var messages = 0
        var bytes = 0
        var textLength = 0
    }

    /// How long the server may take for a statement of a search, in milliseconds.
    static let statementLimit: Int64 = 200
    private static let firstStep = 2_000
    private static let longestStep = 50_000
    private static let longestSlowStep = 16
    /// The duration that steps come to have.
    private static let aim = Interval.milliseconds(15)
    /// What LIKE takes for a message, and at the worst for each byte of it and character that is looked for.
    private static let costOfMessage = 1e-6
    private static let costOfComparison = 1e-8

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
        let ratio = Self.aim.seconds / max(duration.seconds, 0.000_1)
        let next = max(1, Int(Double(size) * min(max(ratio, 0.25), 4)))
        // A step that was cut short by the call's bound says nothing of longer ones.
        if count >= size || next < size { size = min(next, Self.longestStep) }
    }

    /// The service has looked through so many messages itself, or less, and has taken so long. The search is slow no
    /// longer where LIKE could not have taken long for them, however busy the machine is.
    mutating func lookedItself(at count: Int, _ read: ReadContents, for duration: Interval) {
        left -= count
        let comparisons = Double(read.bytes) / Double(max(read.messages, 1)) * Double(read.textLength)
        let next = Int(Self.aim.seconds / (Self.costOfMessage + comparisons * Self.costOfComparison))
        if next > Self.longestSlowStep {
            isSlow = false
            size = min(next, Self.firstStep)
        } else {
            size = max(1, min(duration > Self.aim * 4 ? size / 2 : size * 2, Self.longestSlowStep))
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
