// The service's way to its database: one connection, replaced when it is lost.

internal import Glibc

/// Reads and writes conversations. Each worker thread has one, and uses it alone.
///
/// Every call checks the caller's status and membership in the statement that it needs anyway:
/// nothing about access is remembered from one call to the next.
public final class Store {
    private let settings: DatabaseSettings
    private var session: Session?

    /// A store that connects when it is first used.
    public init(_ settings: DatabaseSettings) {
        self.settings = settings
    }

    /// Connects now, so that the first request need not.
    public func connect() throws(DatabaseError) {
        session = try Session(settings)
    }

    /// Runs statements that only read. Where the connection is lost on the way, they run once more
    /// on a new one; not where that was found out by waiting: the caller has waited enough.
    func read<Value>(_ body: (Session) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let session = try openSession()
        let start = ContinuousClock.now
        do {
            return try run(on: session, body)
        } catch .failed(let error) where error.kind == .connection && start.duration(to: .now) < .seconds(1) {
            return try run(on: openSession(), body)
        }
    }

    /// Runs a routine that writes. A deadlock has undone all of it, so it is tried again; after any
    /// other failure it is not: whether the commit happened cannot be known here.
    func write<Value>(_ body: (Session) throws(StoreError) -> Value) throws(StoreError) -> Value {
        for attempt in 1..<Self.deadlockAttempts {
            do {
                return try run(on: openSession(), body)
            } catch .failed(let error) where error.code == .deadlock {
                usleep(UInt32.random(in: 0...1_000) * UInt32(attempt))
            }
        }
        return try run(on: openSession(), body)
    }

    private static let deadlockAttempts = 8

    /// Runs statements on the session, and leaves none behind that could hold half a transaction, or
    /// rows that nobody fetched.
    private func run<Value>(
        on session: Session,
        _ body: (Session) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do {
            return try body(session)
        } catch .failed(let error) {
            if error.kind != .interrupted || !session.connection.rollBack() {
                self.session = nil
            }
            throw .failed(error)
        }
    }

    private func openSession() throws(StoreError) -> Session {
        if let session, !session.connection.isStale { return session }
        session = nil
        let opened = try orFail { () throws(DatabaseError) in try Session(settings) }
        session = opened
        return opened
    }
}
