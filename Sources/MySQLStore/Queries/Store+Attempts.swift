// How the statements of a call are run: in attempts, until one succeeds or `Attempts` gives up.

internal import Glibc
internal import Runtime

extension Store {
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
                hosts.recordRead(kind, wasLockedOut: false)
                return try outcome.value()
            }
            switch attempts.step(after: failure, at: .now, jitter: .random(in: 0...1)) {
            case .retry(let pause):
                usleep(UInt32(pause.microseconds))
            case .verify, .giveUp:
                if failure.meaning == .lockConflict { hosts.recordRead(kind, wasLockedOut: true) }
                throw error
            }
        }
    }

    /// Runs a routine that writes. The routine must be idempotent, since it is called again where an attempt fails.
    ///
    /// - Parameters:
    ///   - body: calls the routine; it is told whether an earlier attempt may have written already.
    ///   - verify: reads what the routine has written, and changes nothing; nil where nothing was written.
    func write<Value>(
        _ body: (PreparedStatements, Bool) throws(StoreError) -> Value,
        verify: (PreparedStatements) throws(StoreError) -> Value?
    ) throws(StoreError) -> Value {
        var attempts = makeAttempts(.writing)
        while true {
            let isInDoubt = attempts.isInDoubt
            let outcome = attempt(attempts) { statements throws(StoreError) in try body(statements, isInDoubt) }
            guard case .failed(let error, let failure) = outcome else { return try outcome.value() }
            var step = attempts.step(after: failure, at: .now, jitter: .random(in: 0...1))
            if step == .verify {
                let found = attempt(makeAttempts(.reading), verify)
                if case .value(let value?) = found { return value }
                // A statement that the server has stopped is over: what it has not written by now it will not write.
                guard case .value = found, failure.meaning == .stopped else { throw error }
                step = attempts.stepAfterNothingWasFound(at: .now)
            }
            guard case .retry(let pause) = step else { throw error }
            usleep(UInt32(pause.microseconds))
        }
    }

    private func makeAttempts(_ work: Attempts.Work) -> Attempts {
        let limits = Attempts.Limits(
            timeForWrite: settings.statementLimit,
            longestRetriedFailure: settings.deadline / 3
        )
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

    /// Runs statements once. Whatever comes of it, no half of a transaction and no unread rows are left on the
    /// connection.
    private func attempt<Value>(
        _ attempts: Attempts,
        _ body: (PreparedStatements) throws(StoreError) -> Value
    ) -> Outcome<Value> {
        let opened: PreparedStatements
        do throws(DatabaseError) {
            opened = try openStatements()
            guard attempts.hasTime(at: .now) else { throw .deadlineExceeded }
        } catch {
            // No statement was sent, and connecting has tried all hosts: another attempt would gain nothing.
            let failure = Attempts.Failure(meaning: .notSent, duration: .zero, hasLeftHost: false)
            return .failed(.unavailable(error), failure)
        }
        let start = Instant.now
        do throws(StoreError) {
            opened.connection.deadline = deadline
            let value = try body(opened)
            hosts.recordAnswer(from: opened.host)
            return .value(value)
        } catch {
            let cause: DatabaseError
            switch error {
            case .refused(let refusal):
                hosts.recordAnswer(from: opened.host)
                return .refused(refusal)
            case .failed(let error), .unavailable(let error):
                cause = error
            }
            recover(from: cause, on: opened, since: start)
            let hasLeftHost = hosts.choice != .use(opened.host)
            let failure = Attempts.Failure(
                meaning: cause.meaning,
                duration: .now - start,
                hasLeftHost: hasLeftHost
            )
            return .failed(error, failure)
        }
    }

    /// Makes the connection fit for the next statement, or closes it, and records what the error says of the host.
    private func recover(from error: DatabaseError, on opened: PreparedStatements, since start: Instant) {
        switch error.meaning {
        case .notSent:
            // Every statement that was sent has been answered.
            return
        case .connectionLost:
            let limit = opened.connection.isPreparing ? settings.connectTimeout : settings.silenceLimit
            if hosts.isSilent(opened.host, since: start, limit: limit) {
                hosts.recordFault(error.connectFault(isSilent: true), of: opened.host, since: start)
            }
            disconnect()
        case .hostFault(let kind):
            hosts.recordAnswer(from: opened.host)
            hosts.recordFault(HostFault(kind, error), of: opened.host, since: start)
            if hosts.choice != .use(opened.host) || !opened.connection.rollBack() { disconnect() }
        case .lockConflict, .stopped:
            hosts.recordAnswer(from: opened.host)
            if !opened.connection.rollBack() { disconnect() }
        case .statementStale, .permanent:
            hosts.recordAnswer(from: opened.host)
            disconnect()
        }
    }
}
