// What an endpoint has that can wait until there is something new.

internal import MySQLStore
internal import Runtime

/// A decoded request that may ask to wait.
protocol PollingEndpoint: Endpoint {
    /// How long to wait where nothing is new; zero: the answer comes at once.
    var wait: Interval { get }

    /// Writes the answer's members where there is something new.
    ///
    /// - Returns: what to wait for; nil where the answer is written.
    func respondWithNews(
        to userID: Int64,
        from store: Store,
        into json: inout JSONWriter
    ) throws(StoreError) -> ChangeSubject?

    /// Writes the members of the answer that nothing is new.
    func writeNoNews(into json: inout JSONWriter)
}

extension RequestFields {
    /// The longest time that a poll waits, by the contract.
    static let longestWait = Interval.seconds(25)

    /// `wait`: seconds, of which 25 are the most.
    ///
    /// - Parameter condition: whether the request may wait at all, and the key that it needs for that.
    func wait(allowedBy condition: (isMet: Bool, key: String)) throws(APIError) -> Interval {
        let seconds = try integer("wait", minimum: 0) ?? 0
        guard seconds == 0 || condition.isMet else { throw .invalid("wait", "needs \(condition.key)") }
        return min(.seconds(min(seconds, 60)), Self.longestWait)
    }
}
