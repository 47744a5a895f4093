// The part of the database's changes that the watcher looks at next, and what it has seen of it.

internal import Runtime

/// A change as the watcher reads it. Times are in milliseconds since 1970.
struct FeedRow: Hashable {
    /// `orbia_message.id`; nil: the change is no message.
    var message: Int64?
    var conversation: Int64
    /// A user whose list of conversations it changes; nil: the conversation has no members.
    var user: Int64?
    var time: Int64
}

/// Decides from where on changes are read, and which of them are new. It is a value without clock or I/O.
///
/// Messages are read by their ids, and other changes by their times. Neither is in the order of the commits, so now and
/// then a look goes back: often by a little, which is where nearly all late commits are, and seldom by as much as a
/// transaction may last.
struct ChangeWindow {
    /// Where a look begins.
    struct Bounds: Hashable {
        /// Only messages with a greater id are read.
        var message: Int64
        /// Only changes of this time and later ones are read.
        var time: Int64
    }

    private struct Sample {
        var time: Instant
        var bounds: Bounds
    }

    private static let shortLookBack = (every: Interval.milliseconds(250), by: Interval.seconds(3))
    private static let longLookBack = (every: Interval.seconds(5), by: Interval.seconds(62))
    /// How many ids below the greatest one a look back goes that comes before any sample is old enough.
    private static let firstLookBack: Int64 = 2_000

    private var newest: Bounds
    /// The bounds of earlier looks, the oldest first.
    private var samples: [Sample]
    private var nextShortLookBack: Instant
    private var nextLongLookBack: Instant
    /// The ids of the messages that were seen.
    private var messages: Set<Int64> = []
    /// The time of the newest change that was seen of each conversation and user.
    private var changes: [ChangedList: Int64] = [:]

    private struct ChangedList: Hashable {
        var conversation: Int64
        var user: Int64
    }

    /// - Parameters:
    ///   - bounds: the greatest id of a message, and the database's time.
    ///   - now: the time of the first look, which begins at `start`.
    init(_ bounds: Bounds, at now: Instant) {
        newest = bounds
        let back = Self.longLookBack.by.milliseconds
        start = Bounds(message: bounds.message - Self.firstLookBack, time: bounds.time - back)
        samples = [Sample(time: now - Self.longLookBack.by, bounds: start)]
        nextShortLookBack = now + Self.shortLookBack.every
        nextLongLookBack = now + Self.longLookBack.every
    }

    /// Where the first look begins. What is there already is known to those who look for themselves.
    let start: Bounds

    /// Where the look at this time begins.
    mutating func bounds(at now: Instant) -> Bounds {
        let lookBack: Interval
        if now >= nextLongLookBack {
            lookBack = Self.longLookBack.by
            nextLongLookBack = now + Self.longLookBack.every
            forget(before: now - lookBack)
        } else if now >= nextShortLookBack {
            lookBack = Self.shortLookBack.by
        } else {
            return newest
        }
        nextShortLookBack = now + Self.shortLookBack.every
        samples.append(Sample(time: now, bounds: newest))
        return (samples.last { $0.time <= now - lookBack } ?? samples[0]).bounds
    }

    /// Takes what a look has found; gives what was not seen before.
    ///
    /// - Parameter isCut: whether there may be more changes that are no messages. The next look goes on from the last.
    mutating func take(_ rows: [FeedRow], isCut: Bool = false) -> [FeedRow] {
        var new: [FeedRow] = []
        let before = newest.time
        // A message has a row for each member.
        var newMessages: Set<Int64> = []
        for row in rows {
            if let id = row.message {
                newest.message = max(newest.message, id)
                if messages.insert(id).inserted || newMessages.contains(id) {
                    newMessages.insert(id)
                    new.append(row)
                }
            } else {
                newest.time = max(newest.time, row.time)
                let list = ChangedList(conversation: row.conversation, user: row.user ?? 0)
                if changes.updateValue(row.time, forKey: list) != row.time { new.append(row) }
            }
        }
        // More changes in one millisecond than a look reads: it has to go on somehow.
        if isCut, newest.time == before { newest.time += 1 }
        return new
    }

    /// Forgets what no look will find again.
    private mutating func forget(before time: Instant) {
        let last = samples.lastIndex { $0.time <= time } ?? 0
        samples.removeFirst(last)
        let bounds = samples[0].bounds
        messages = messages.filter { $0 > bounds.message }
        changes = changes.filter { $0.value >= bounds.time }
    }
}
