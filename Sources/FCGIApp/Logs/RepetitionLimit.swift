// A limit on messages that have the same cause.

import Runtime

/// Decides which of the messages with the same cause are written. The first is; those that follow within
/// `window` are counted, and the count is told when the window is over, with the newest of them. A cause that
/// does not come again in a whole window is forgotten, and its next message is written at once again.
struct RepetitionLimit<Message> {
    /// The messages of one cause that were counted in place of being written.
    struct Repetition {
        var count: Int
        /// The newest message that was counted.
        var newest: Message
    }

    private struct Window {
        var end: Instant
        var repetition: Repetition?
    }

    private let window: Interval
    private var windows: [String: Window] = [:]

    /// The most causes that are kept at once. More come only where a cause was chosen badly. Their messages are written
    /// each time, since nothing is known of them.
    private static var capacity: Int { 256 }

    init(window: Interval) {
        self.window = window
    }

    /// Whether a message is to be written now; else it is counted.
    mutating func admits(_ message: @autoclosure () -> Message, cause: String, at now: Instant) -> Bool {
        guard let known = windows[cause] else {
            if windows.count < Self.capacity { windows[cause] = Window(end: now + window) }
            return true
        }
        let count = known.repetition?.count ?? 0
        windows[cause]?.repetition = Repetition(count: count + 1, newest: message())
        return false
    }

    /// Gives what was counted in the windows that are over by now, or, at the end, in all; in the order of the causes.
    mutating func takeDue(at now: Instant, isEnding: Bool) -> [Repetition] {
        let over = windows.filter { isEnding || $0.value.end <= now }
        for (cause, each) in over {
            windows[cause] = each.repetition == nil || isEnding ? nil : Window(end: now + window)
        }
        return over.sorted { $0.key < $1.key }.compactMap(\.value.repetition)
    }

    /// When the first window is over; nil: there is none.
    var nextDue: Instant? { windows.values.map(\.end).min() }
}
