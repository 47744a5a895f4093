// The service's way to its database: one connection, replaced when it is lost.

internal import Glibc

/// Reads and writes conversations. Each worker thread has one, and uses it alone.
///
/// Every call checks the caller's status and membership in the statement that it needs anyway:
/// nothing about access is remembered from one call to the next.
public final class Store {
    private let hosts: DatabaseHosts
    private let settings: DatabaseSettings
    let ids: ConversationIDs
    private var session: Session?
    var keys = SendKeys()

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
    /// - Parameters:
    ///   - hosts: shared by all stores of the process.
    ///   - ids: shared by them, too.
    public init(_ hosts: DatabaseHosts, _ ids: ConversationIDs = ConversationIDs()) {
        self.hosts = hosts
        self.ids = ids
        settings = hosts.settings
    }

    /// Connects now, so that the first request need not.
    public func connect() throws(DatabaseError) {
        deadline = .now + settings.deadline
        do {
            _ = try openSession()
        } catch .unavailable(let error), .failed(let error) {
            throw error
        } catch {
            preconditionFailure("nobody was asked for")
        }
    }

    // MARK: Attempts

    /// Runs statements that only read.
    func read<Value>(_ body: (Session) throws(StoreError) -> Value) throws(StoreError) -> Value {
        try attempts(needing: .zero) { session, _ throws(StoreError) in try body(session) }
    }

    /// Runs a routine that writes, and that can be called again: what it did once, it does not do twice.
    ///
    /// - Parameter body: is told whether an earlier attempt may have done it already.
    func write<Value>(_ body: (Session, Bool) throws(StoreError) -> Value) throws(StoreError) -> Value {
        // One that writes could otherwise be committed behind the back of a caller who has been told that
        // it failed.
        try attempts(needing: settings.statementLimit, body)
    }

    private static let mostAttempts = 8

    /// - Parameter time: what an attempt must have left before the deadline.
    private func attempts<Value>(
        needing time: Interval,
        _ body: (Session, Bool) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        var number = 1
        var mayBeDone = false
        while true {
            let start = Instant.now
            do {
                return try attempt(needing: time) { session throws(StoreError) in try body(session, mayBeDone) }
            } catch {
                guard number < Self.mostAttempts, isWorthAnother(error, begun: start) else { throw error }
                // Those who got in each other's way would meet again.
                let pause = Interval.microseconds(Int64.random(in: 0...2_000) * Int64(number))
                guard .now + pause + time < deadline else { throw error }
                mayBeDone = mayBeDone || error.isLostConnection
                usleep(UInt32(pause.microseconds))
            }
            number += 1
        }
    }

    private func isWorthAnother(_ error: StoreError, begun start: Instant) -> Bool {
        switch error {
        // All hosts have been tried.
        case .refused, .unavailable: false
        case .failed(let error) where error.hasUndoneAll: true
        case .failed(let error) where error.isOfTheHost: hosts.hasAlternatives
        // Where that was found out by waiting, the same host would be waited for again.
        case .failed(let error) where error.kind == .connection:
            hosts.hasAlternatives || .now - start < settings.deadline / 3
        case .failed: false
        }
    }

    /// Runs statements on the session, and leaves none behind that could hold half a transaction, or
    /// rows that nobody fetched.
    private func attempt<Value>(
        needing time: Interval,
        _ body: (Session) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let session = try openSession()
        guard .now + time < deadline else { throw .unavailable(.deadlineExceeded) }
        let health = hosts.health(of: session.host)
        let start = try orUnavailable { () throws(DatabaseError) in try health.begin() }
        do throws(StoreError) {
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
        } catch .failed(let error) where error.kind == .interrupted && session.connection.rollBack() {
            health.answered()
            if error.isOfTheHost { leave(session.host) }
            throw .failed(error)
        } catch {
            if error.isLostConnection {
                // What the server itself ends at its own limit is not told apart from less than that.
                let timeout = max(session.connection.patience, settings.statementLimit + settings.deadline / 12)
                health.failed(since: start, timeout: timeout)
                if .now - start >= timeout - DatabaseHealth.tolerance { hosts.putOut(session.host) }
            } else {
                health.answered()
            }
            disconnect()
            throw error
        }
    }

    // MARK: The session

    /// A session with the first host that can be used.
    private func openSession() throws(StoreError) -> Session {
        if let session, !session.connection.isStale, hosts.isFirstChoice(session.host) { return session }
        disconnect()
        var failure = DatabaseError.deadlineExceeded
        for host in hosts.candidates where .now < deadline {
            do {
                return try openSession(with: host)
            } catch {
                // Of one that stands still somebody else is finding out.
                if error != .silent { hosts.putOut(host) }
                failure = error
            }
        }
        throw .unavailable(failure)
    }

    private func openSession(with host: Int) throws(DatabaseError) -> Session {
        let health = hosts.health(of: host)
        let start = try health.begin()
        defer { earlier.time += .now - start }
        do throws(DatabaseError) {
            let opened = try Session(settings, host: host, until: deadline)
            health.answered()
            hosts.putIn(host)
            earlier.connects += 1
            session = opened
            return opened
        } catch {
            if error.kind == .connection {
                health.failed(since: start, timeout: .seconds(settings.connectTimeout))
            } else {
                health.answered()
            }
            throw error
        }
    }

    /// Goes to another host, where there is one.
    private func leave(_ host: Int) {
        guard hosts.hasAlternatives else { return }
        hosts.putOut(host)
        disconnect()
    }

    private func disconnect() {
        earlier = statistics
        session = nil
    }
}
