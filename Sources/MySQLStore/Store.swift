// The service's way to its database: one connection, replaced when it is lost.

internal import Glibc
public import Runtime

/// Reads and writes conversations. Each worker thread has one, and uses it alone.
///
/// Every call checks the caller's status and membership in the statement that it needs anyway:
/// nothing about access is remembered from one call to the next.
public final class Store {
    private let hosts: DatabaseHosts
    private let settings: DatabaseSettings
    let ids: ConversationIDCache
    private var statements: PreparedStatements?
    var keys = SendKeys()

    /// When the calls that follow are no longer of use to whoever makes them. Set for each request.
    public var deadline = Instant.now

    /// Of the connections before this one, and of making them.
    private var earlier = StoreStatistics()

    /// What this store has done since it was made.
    public var statistics: StoreStatistics {
        var sum = earlier
        if let statements { sum += statements.connection.statistics }
        return sum
    }

    /// A store that connects when it is first used.
    ///
    /// - Parameters:
    ///   - hosts: shared by all stores of the process.
    ///   - ids: shared by them, too.
    public init(_ hosts: DatabaseHosts, _ ids: ConversationIDCache = ConversationIDCache()) {
        self.hosts = hosts
        self.ids = ids
        settings = hosts.settings
    }

    deinit {
        disconnect()
    }

    /// Connects now, so that the first request need not.
    public func connect() throws(DatabaseError) {
        deadline = .now + settings.deadline
        _ = try openStatements()
    }

    /// Connects, and has the server look at each statement: whether schema and rights are there for all of them.
    public func prepareAll() throws(DatabaseError) {
        deadline = .now + settings.deadline
        try openStatements().prepareAll()
    }

    // MARK: Attempts

    /// Runs statements that only read.
    func read<Value>(
        _ kind: ReadKind,
        _ body: (PreparedStatements) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        guard hosts.mayRead(kind) else { throw .unavailable(.tableLocked) }
        var attempts = makeAttempts(.reading)
        while true {
            let outcome = attempt(attempts, body)
            guard case .failed(let error, let failure) = outcome else {
                hosts.read(kind, wasLockedOut: false)
                return try outcome.value()
            }
            switch attempts.step(after: failure, at: .now, draw: .random(in: 0...1)) {
            case .again(let pause):
                usleep(UInt32(pause.microseconds))
            case .settle, .giveUp:
                if failure.meaning == .undone { hosts.read(kind, wasLockedOut: true) }
                throw error
            }
        }
    }

    /// Runs a routine that writes, and that can be called again: what it did once, it does not do twice.
    ///
    /// - Parameters:
    ///   - body: is told whether an earlier attempt may have done it already.
    ///   - settle: looks whether it was done, and changes nothing; nil where it was not.
    func write<Value>(
        _ body: (PreparedStatements, Bool) throws(StoreError) -> Value,
        settle: (PreparedStatements) throws(StoreError) -> Value?
    ) throws(StoreError) -> Value {
        var attempts = makeAttempts(.writing)
        while true {
            let mayBeDone = attempts.mayBeDone
            let outcome = attempt(attempts) { statements throws(StoreError) in try body(statements, mayBeDone) }
            guard case .failed(let error, let failure) = outcome else { return try outcome.value() }
            var step = attempts.step(after: failure, at: .now, draw: .random(in: 0...1))
            if step == .settle {
                let found = attempt(makeAttempts(.reading), settle)
                if case .value(let value?) = found { return value }
                // What a server has stopped is over, and what is not there then was not done.
                guard case .value = found, failure.meaning == .stopped else { throw error }
                step = attempts.stepAfterNothingWasDone(at: .now)
            }
            guard case .again(let pause) = step else { throw error }
            usleep(UInt32(pause.microseconds))
        }
    }

    private func makeAttempts(_ work: Attempts.Work) -> Attempts {
        let limits = Attempts.Limits(writing: settings.statementLimit, waiting: settings.deadline / 3)
        return Attempts(work, until: deadline, limits, at: .now)
    }

    private enum Outcome<Value> {
        case value(Value)
        case refused(Refusal)
        case failed(StoreError, Attempts.Failure)

        func value() throws(StoreError) -> Value {
            switch self {
            case .value(let value): return value
            case .refused(let refusal): throw .refused(refusal)
            case .failed(let error, _): throw error
            }
        }
    }

    /// Runs statements once, and leaves none behind that could hold half a transaction, or rows that nobody
    /// fetched.
    private func attempt<Value>(
        _ attempts: Attempts,
        _ body: (PreparedStatements) throws(StoreError) -> Value
    ) -> Outcome<Value> {
        let opened: PreparedStatements
        do throws(DatabaseError) {
            opened = try openStatements()
            guard attempts.hasTime(at: .now) else { throw .deadlineExceeded }
        } catch {
            // Nothing was asked, and all hosts have been tried.
            let failure = Attempts.Failure(meaning: .outOfTime, lasted: .zero, hasMoved: false)
            return .failed(.unavailable(error), failure)
        }
        let start = Instant.now
        do throws(StoreError) {
            opened.connection.deadline = deadline
            let value = try body(opened)
            hosts.answered(opened.host)
            return .value(value)
        } catch {
            let cause: DatabaseError
            switch error {
            case .refused(let refusal):
                hosts.answered(opened.host)
                return .refused(refusal)
            case .failed(let error), .unavailable(let error):
                cause = error
            }
            clean(after: cause, on: opened, since: start)
            let hasMoved = hosts.choice != .use(opened.host)
            return .failed(error, Attempts.Failure(meaning: cause.meaning, lasted: .now - start, hasMoved: hasMoved))
        }
    }

    /// Leaves the connection as the next statement needs it, or closes it; tells what the error says of the host.
    private func clean(after error: DatabaseError, on opened: PreparedStatements, since start: Instant) {
        switch error.meaning {
        case .outOfTime:
            // Nothing was asked that is not answered.
            return
        case .lost:
            let limit = opened.connection.isPreparing ? settings.connectTimeout : settings.silenceLimit
            if hosts.isSilent(opened.host, since: start, limit: limit) {
                hosts.found(error.faultInConnecting(isSilent: true), of: opened.host, since: start)
            }
            disconnect()
        case .hostFault(let kind):
            hosts.answered(opened.host)
            hosts.found(HostFault(kind, error), of: opened.host, since: start)
            if hosts.choice != .use(opened.host) || !opened.connection.rollBack() { disconnect() }
        case .undone, .stopped:
            hosts.answered(opened.host)
            if !opened.connection.rollBack() { disconnect() }
        case .stale, .refused:
            hosts.answered(opened.host)
            disconnect()
        }
    }

    // MARK: The connection

    /// The statements on a connection to the host that is to be used.
    private func openStatements() throws(DatabaseError) -> PreparedStatements {
        if let statements, hosts.choice == .use(statements.host), !statements.connection.isStale { return statements }
        disconnect()
        let start = Instant.now
        defer { earlier.time += .now - start }
        let (connection, host) = try hosts.connect(for: .requests, until: deadline)
        hosts.opened(connection, to: host)
        earlier.connects += 1
        let opened = PreparedStatements(on: connection, host: host)
        statements = opened
        return opened
    }

    private func disconnect() {
        guard let statements else { return }
        earlier = statistics
        hosts.willClose(statements.connection)
        self.statements = nil
    }
}
