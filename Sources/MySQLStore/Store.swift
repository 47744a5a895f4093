// The service's way to its database: one connection, replaced when it is lost.

internal import Glibc

/// Reads and writes conversations. Each worker thread has one, and uses it alone.
///
/// Every call checks the caller's status and membership in the statement that it needs anyway:
/// nothing about access is remembered from one call to the next.
public final class Store {
    private let settings: DatabaseSettings
    private let health: DatabaseHealth
    private var session: Session?

    /// When the calls that follow are no longer of use to whoever makes them. Set for each request.
    public var deadline = Instant.now

    /// Of the connections before this one, and of making them.
    private var earlier = StoreStatistics()

    /// What this store has done since it was made.
    public var statistics: StoreStatistics {
        var sum = earlier
        if let session { sum += session.connection.statistics }
        return sum
    }

    /// A store that connects when it is first used.
    ///
    /// - Parameter health: shared by all stores of the process on the same database.
    public init(_ settings: DatabaseSettings, health: DatabaseHealth) {
        self.settings = settings
        self.health = health
    }

    /// Connects now, so that the first request need not.
    public func connect() throws(DatabaseError) {
        let start = Instant.now
        defer { earlier.time += .now - start }
        session = try Session(settings)
        earlier.connects += 1
    }

    private func disconnect() {
        earlier = statistics
        session = nil
    }

    /// Runs statements that only read. Where the connection is lost on the way, they run once more
    /// on a new one; not where that was found out by waiting: the caller has waited enough.
    func read<Value>(_ body: (Session) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let start = Instant.now
        do {
            return try attempt(body)
        } catch  where error.isLostConnection && .now - start < settings.deadline / 3 {
            return try attempt(body)
        }
    }

    /// Runs a routine that writes. A deadlock has undone all of it, so it is tried again; after any
    /// other failure it is not: whether the commit happened cannot be known here.
    func write<Value>(_ body: (Session) throws(StoreError) -> Value) throws(StoreError) -> Value {
        for attempt in 1..<Self.deadlockAttempts {
            do {
                return try self.attempt(needs: settings.statementLimit, body)
            } catch .failed(let error) where error.code == .deadlock {
                usleep(UInt32.random(in: 0...1_000) * UInt32(attempt))
            }
        }
        return try attempt(needs: settings.statementLimit, body)
    }

    private static let deadlockAttempts = 8

    /// Runs statements on the session, and leaves none behind that could hold half a transaction, or
    /// rows that nobody fetched.
    ///
    /// - Parameter time: what a statement must have left. One that writes could otherwise be committed
    ///   behind the back of a caller who has been told that it failed.
    private func attempt<Value>(
        needs time: Interval = .zero,
        _ body: (Session) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let start = try orUnavailable { () throws(DatabaseError) in try health.begin() }
        do throws(StoreError) {
            let session = try openSession()
            guard .now + time < deadline else { throw StoreError.unavailable(.deadlineExceeded) }
            session.connection.deadline = deadline
            let value = try body(session)
            health.answered()
            return value
        } catch .refused(let refusal) {
            health.answered()
            throw .refused(refusal)
        } catch  where error.isDeadlineExceeded {
            // Nothing was asked that is not answered.
            health.answered()
            throw error
        } catch .failed(let error) where error.kind == .interrupted && session?.connection.rollBack() == true {
            health.answered()
            throw .failed(error)
        } catch {
            if error.isLostConnection {
                health.failed(since: start, timeout: timeout)
            } else {
                health.answered()
            }
            disconnect()
            throw error
        }
    }

    /// After how long an attempt that has failed was given up, if that is why: to connect or, connected,
    /// to be answered. What the server itself ends at its own limit is not told apart from less than that.
    private var timeout: Interval {
        guard let patience = session?.connection.patience else { return .seconds(settings.connectTimeout) }
        return max(patience, settings.statementLimit + settings.deadline / 12)
    }

    private func openSession() throws(StoreError) -> Session {
        if let session, !session.connection.isStale { return session }
        disconnect()
        try orUnavailable { () throws(DatabaseError) in try connect() }
        guard let session else { preconditionFailure("connected") }
        return session
    }
}
