// How long a message can be recalled.

public import Runtime

/// For how long after its `created_at` a sender may recall a message.
public struct RecallTimes: Sendable {
    /// Of texts.
    public var text: Interval
    /// Of messages of the other types.
    public var file: Interval

    /// Times of at least 0, with which nothing can be recalled.
    public init(text: Interval, file: Interval) {
        self.text = text
        self.file = file
    }

    /// Until when a message can be recalled, in milliseconds since 1970; nil where that time is over.
    ///
    /// - Parameter now: the database's time.
    func end(ofText isText: Bool, createdAt: Int64, now: Int64) -> Int64? {
        let end = createdAt + (isText ? text : file).milliseconds
        return end > now ? end : nil
    }
}
