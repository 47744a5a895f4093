// Makes messages of the changes of orders that were recorded, on a connection of its own.

public import Runtime

/// The result of one call that tells changes of orders.
public struct OrderProgressReport: Sendable {
    /// Whether changes are recorded.
    public var isOn: Bool
    /// The number of changes that became messages.
    public var told: Int64
    /// The number of changes that were dropped: of orders without a conversation, or with a deleted one.
    public var dropped: Int64
    /// The number of orders whose changes an error has kept.
    public var failed: Int64
    /// The last of these errors.
    public var lastError: String?
    /// `orbia_kol_order.id` of orders whose changes a lock has kept, 20 at the most.
    public var locked: [Int64]
    /// The place to go on from; nil where no change is left behind it.
    public var next: Int64?
    /// The age of the oldest change that is left; nil where there is none.
    public var oldestAge: Interval?
}

extension OrderProgressReport: DecodableRow {
    init(_ row: inout RowReader) throws(DatabaseError) {
        isOn = try row.next() != Int64(0)
        told = try row.next()
        dropped = try row.next()
        failed = try row.next()
        lastError = try row.next()
        let locked: String? = try row.next()
        self.locked = locked?.split(separator: ",").compactMap { Int64($0) } ?? []
        next = try row.next()
        let age: Int64? = try row.next()
        oldestAge = age.map { .milliseconds(max(0, $0)) }
    }
}

/// Tells changes of orders on the host that requests use. One thread uses it.
public final class OrderProgressTeller {
    private struct Session {
        let connection: Connection
        let host: Int
        let all: Statement<OrderProgressReport>
        let one: Statement<OrderProgressReport>

        init(_ connection: Connection, host: Int) {
            self.connection = connection
            self.host = host
            let call = Routine.tellOrderProgress.call("?, ?")
            all = Statement(connection, "SET STATEMENT innodb_lock_wait_timeout = 0 FOR \(call)")
            one = Statement(connection, "SET STATEMENT max_statement_time = 0.25 FOR \(call)")
        }
    }

    private let hosts: DatabaseHosts
    private var session: Session?

    /// A teller that connects when it is first used.
    public init(_ hosts: DatabaseHosts) {
        self.hosts = hosts
    }

    /// Tells the changes of all orders from a place on, for about a quarter of a second. It waits for no lock.
    ///
    /// - Parameter place: `next` of the call before; nil: from the beginning.
    public func tell(from place: Int64?) throws(DatabaseError) -> OrderProgressReport {
        try report { session throws(DatabaseError) in try session.all.row(nil as Int64?, place) }
    }

    /// Tells the changes of one order. It waits for a lock for a quarter of a second.
    ///
    /// - Parameter order: `orbia_kol_order.id`.
    public func tell(order: Int64) throws(DatabaseError) -> OrderProgressReport {
        try report { session throws(DatabaseError) in try session.one.row(order as Int64?, nil as Int64?) }
    }

    /// Calls the routine. Where it throws, the connection is closed, and with it what the routine has left open.
    private func report(
        _ call: (Session) throws(DatabaseError) -> OrderProgressReport?
    ) throws(DatabaseError) -> OrderProgressReport {
        do throws(DatabaseError) {
            let session = try openSession()
            session.connection.deadline = .now + hosts.settings.answerTimeout
            guard let report = try call(session) else { throw .unexpectedRow("no report") }
            hosts.recordAnswer(from: session.host)
            return report
        } catch {
            session = nil
            throw error
        }
    }

    /// Connects where there is no connection, or requests use another host by now.
    private func openSession() throws(DatabaseError) -> Session {
        if let session, hosts.choice == .use(session.host), !session.connection.isStale { return session }
        session = nil
        let (connection, host) = try hosts.connect(for: .requests)
        let opened = Session(connection, host: host)
        session = opened
        return opened
    }
}
