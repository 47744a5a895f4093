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

    /// A store that connects when it is first used.
    ///
    /// - Parameter health: shared by all stores of the process on the same database.
    public init(_ settings: DatabaseSettings, health: DatabaseHealth) {
        self.settings = settings
        self.health = health
    }

    /// Connects now, so that the first request need not.
    public func connect() throws(DatabaseError) {
        session = try Session(settings)
    }

    /// Runs statements that only read. Where the connection is lost on the way, they run once more
    /// on a new one; not where that was found out by waiting: the caller has waited enough.
    func read<Value>(_ body: (Session) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let start = ContinuousClock.now
        do {
            return try attempt(body)
        } catch  where error.isLostConnection && start.duration(to: .now) < .seconds(1) {
            return try attempt(body)
        }
    }

    /// Runs a routine that writes. A deadlock has undone all of it, so it is tried again; after any
    /// other failure it is not: whether the commit happened cannot be known here.
    func write<Value>(_ body: (Session) throws(StoreError) -> Value) throws(StoreError) -> Value {
        for attempt in 1..<Self.deadlockAttempts {
            do {
                return try self.attempt(body)
            } catch .failed(let error) where error.code == .deadlock {
                usleep(UInt32.random(in: 0...1_000) * UInt32(attempt))
            }
        }
        return try attempt(body)
    }

    private static let deadlockAttempts = 8

    /// Runs statements on the session, and leaves none behind that could hold half a transaction, or
    /// rows that nobody fetched.
    private func attempt<Value>(_ body: (Session) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let start = try orUnavailable { () throws(DatabaseError) in try health.begin() }
        var timeout = DatabaseSettings.connectTimeout
        do {
            let session = try openSession()
            timeout = DatabaseSettings.readTimeout
            let value = try body(session)
            health.answered()
            return value
        } catch .refused(let refusal) {
            health.answered()
            throw .refused(refusal)
        } catch .failed(let error) where error.kind == .interrupted && session?.connection.rollBack() == true {
            health.answered()
            throw .failed(error)
        } catch {
            session = nil
            if error.isLostConnection {
                health.failed(since: start, timeout: timeout)
            } else {
                health.answered()
            }
            throw error
        }
    }

    private func openSession() throws(StoreError) -> Session {
        if let session, !session.connection.isStale { return session }
        session = nil
        let opened = try orUnavailable { () throws(DatabaseError) in try Session(settings) }
        session = opened
        return opened
    }
}
