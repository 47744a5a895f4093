// The store of conversations, as the endpoints use it.

public import Runtime

/// Reads and writes conversations, on one connection, which is replaced when it is lost. Each worker thread has a store
/// of its own.
///
/// Every call checks the caller's status and membership in the statement that it needs anyway. Nothing about access is
/// remembered from one call to the next.
public final class Store {
    let hosts: DatabaseHosts
    let settings: DatabaseSettings
    let conversationIDs: ConversationIDCache
    let conversationCounts: ConversationCountCache
    let recallTimes: RecallTimes
    var sendKeys = SendKeyGenerator()
    private var statements: PreparedStatements?

    /// The time after which nobody waits for the answers of the calls that follow. It is set for each request.
    public var deadline = Instant.now

    /// The statistics of the connections before this one, and of connecting.
    private var earlierStatistics = StoreStatistics()

    /// Everything that this store has asked of the database.
    public var statistics: StoreStatistics {
        var sum = earlierStatistics
        if let statements { sum += statements.connection.statistics }
        return sum
    }

    /// A store that connects when it is first used.
    ///
    /// - Parameters:
    ///   - hosts: shared by all stores of the process.
    ///   - conversationIDs: shared by all stores of the process, too.
    ///   - conversationCounts: likewise.
    ///   - recallTimes: for how long messages can be recalled.
    public init(
        _ hosts: DatabaseHosts,
        _ conversationIDs: ConversationIDCache = ConversationIDCache(),
        _ conversationCounts: ConversationCountCache = ConversationCountCache(),
        recallTimes: RecallTimes = RecallTimes(text: .zero, file: .zero)
    ) {
        self.hosts = hosts
        self.conversationIDs = conversationIDs
        self.conversationCounts = conversationCounts
        self.recallTimes = recallTimes
        settings = hosts.settings
    }

    deinit {
        disconnect()
    }

    /// Connects now, so that the first request does not have to.
    public func connect() throws(DatabaseError) {
        deadline = .now + settings.deadline
        _ = try openStatements()
    }

    /// Connects, and has the server prepare every statement. Throws where schema or rights do not allow one of them.
    public func prepareAll() throws(DatabaseError) {
        deadline = .now + settings.deadline
        try openStatements().prepareAll()
    }

    // MARK: The connection

    /// Returns the statements on a connection to the host that is to be used, and connects where there is none.
    func openStatements() throws(DatabaseError) -> PreparedStatements {
        if let statements, hosts.choice == .use(statements.host), !statements.connection.isStale { return statements }
        disconnect()
        let start = Instant.now
        defer { earlierStatistics.time += .now - start }
        let (connection, host) = try hosts.connect(for: .requests, until: deadline)
        hosts.register(connection, to: host)
        earlierStatistics.connects += 1
        let opened = PreparedStatements(on: connection, host: host)
        statements = opened
        return opened
    }

    func disconnect() {
        guard let statements else { return }
        earlierStatistics = statistics
        hosts.unregister(statements.connection)
        self.statements = nil
    }
}
