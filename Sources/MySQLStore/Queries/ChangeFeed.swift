// What has changed in the whole database, for the polls that wait for it.

public import Runtime

enum ChangeFeedSQL {
    /// The greatest id of a message, and the database's time.
    static let present = """
        SELECT COALESCE((SELECT MAX(id) FROM orbia_message), 0), CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED)
        """

    /// The most rows of each kind that one look reads. What is left is read by the next one.
    static let limit: Int64 = 5_000

    /// The messages with a greater id than the first parameter, each with the conversation's members, and the other
    /// changes from the time of the second parameter on.
    static let changes = """
        (SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS present, n.id, n.conversation_id, m.user_id,
                CAST(UNIX_TIMESTAMP(n.created_at) * 1000 AS SIGNED) AS changed
         FROM orbia_message n
         LEFT JOIN orbia_conversation_member m ON m.conversation_id = n.conversation_id
         WHERE n.id > ?
         ORDER BY n.id
         LIMIT \(limit))
        UNION ALL
        (SELECT CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED), NULL, g.conversation_id, g.user_id,
                CAST(UNIX_TIMESTAMP(g.changed_at) * 1000 AS SIGNED)
         FROM orbia_conversation_change g
         WHERE g.changed_at >= \(TimeSQL.time)
         ORDER BY g.changed_at
         LIMIT \(limit))
        """
}

/// Reads what has changed, on a connection of its own to the host that requests use. One thread uses it.
public final class ChangeFeed {
    /// What a look has found.
    public struct Changes: Sendable {
        /// What the changes are of interest to.
        public var subjects: Set<ChangeSubject> = []
        /// How long ago each of the changes was made, by the database's clock.
        public var ages: [Interval] = []
        /// Whether there may have been changes before it which no look has found.
        public var hasGap = false
    }

    /// A connection, and what was seen on it. It is a class, so that a look changes the window and does not copy it.
    private final class Reader {
        let connection: Connection
        let host: Int
        let present: Statement<PresentRow>
        let changes: Statement<FeedStatementRow>
        var window: ChangeWindow?
        var lastLook = Instant.now

        init(_ connection: Connection, host: Int) {
            self.connection = connection
            self.host = host
            present = .reading(connection, ChangeFeedSQL.present)
            changes = .reading(connection, ChangeFeedSQL.changes)
        }
    }

    private let hosts: DatabaseHosts
    private var reader: Reader?

    /// Without a look for this time, the next one begins anew.
    private static let longestPause = Interval.seconds(1)

    /// A feed that connects when it is first used.
    public init(_ hosts: DatabaseHosts) {
        self.hosts = hosts
    }

    /// The number of statements that were sent on all connections.
    public private(set) var statements = 0

    /// Looks for changes. Where it throws, the next look begins anew, with a gap.
    public func next() throws(DatabaseError) -> Changes {
        do {
            return try look()
        } catch {
            reader = nil
            throw error
        }
    }

    private func look() throws(DatabaseError) -> Changes {
        let reader = try openReader()
        let now = Instant.now
        reader.connection.deadline = now + hosts.settings.answerTimeout
        var changes = Changes()
        if now - reader.lastLook > Self.longestPause { reader.window = nil }
        reader.lastLook = now
        if reader.window == nil {
            changes.hasGap = true
            statements += 1
            guard let present = try reader.present.row() else { throw .unexpectedRow("no time") }
            var window = ChangeWindow(present.bounds, at: now)
            let rows = try rows(from: window.start, with: reader)
            _ = window.take(rows.map(\.row), isCut: Self.isCut(rows))
            reader.window = window
            return changes
        }
        guard let bounds = reader.window?.bounds(at: now) else { return changes }
        let rows = try rows(from: bounds, with: reader)
        let new = Set(reader.window?.take(rows.map(\.row), isCut: Self.isCut(rows)) ?? [])
        for found in rows where new.contains(found.row) {
            changes.ages.append(.milliseconds(max(0, found.present - found.row.time)))
        }
        for row in new {
            changes.subjects.insert(.messages(conversation: row.conversation))
            if let user = row.user { changes.subjects.insert(.conversations(user: user)) }
        }
        return changes
    }

    private func rows(from bounds: ChangeWindow.Bounds, with reader: Reader) throws(DatabaseError) -> [FeedStatementRow]
    {
        statements += 1
        var rows = try reader.changes.rows(bounds.message, bounds.time)
        hosts.recordAnswer(from: reader.host)
        let messages = rows.lazy.filter { $0.row.message != nil }
        if messages.count == Int(ChangeFeedSQL.limit), let last = messages.last?.row.message {
            // Of the last message not all members may be there; the next look reads it again.
            rows.removeAll { $0.row.message == last }
        }
        return rows
    }

    private static func isCut(_ rows: [FeedStatementRow]) -> Bool {
        rows.count { $0.row.message == nil } == Int(ChangeFeedSQL.limit)
    }

    /// Connects where there is no connection, or requests use another host by now.
    private func openReader() throws(DatabaseError) -> Reader {
        if let reader, hosts.choice == .use(reader.host), !reader.connection.isStale { return reader }
        reader = nil
        let (connection, host) = try hosts.connect(for: .requests)
        let opened = Reader(connection, host: host)
        reader = opened
        return opened
    }
}

private struct PresentRow: DecodableRow {
    var bounds: ChangeWindow.Bounds

    init(_ row: inout RowReader) throws(DatabaseError) {
        bounds = ChangeWindow.Bounds(message: try row.next(), time: try row.next())
    }
}

private struct FeedStatementRow: DecodableRow {
    /// The database's time in milliseconds since 1970.
    var present: Int64
    var row: FeedRow

    init(_ reader: inout RowReader) throws(DatabaseError) {
        present = try reader.next()
        row = FeedRow(
            message: try reader.next(),
            conversation: try reader.next(),
            user: try reader.next(),
            time: try reader.next()
        )
    }
}
