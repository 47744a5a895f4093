// A worker thread's work: one request at a time, on a database connection of its own.

import Glibc
import Handlers
import Logging
import MySQLStore
import Runtime

/// Takes requests from the dispatcher and answers them. Each worker thread has one of these.
final class Worker {
    private let store: Store
    private let api: ConversationAPI
    private let deadline: Interval
    private let log: RequestLog
    private let logger: Logger

    init(_ settings: Settings, _ hosts: DatabaseHosts, _ ids: ConversationIDCache, log: RequestLog, logger: Logger) {
        store = Store(hosts, ids)
        api = ConversationAPI(store: store, tokens: settings.tokens.makeVerifier())
        deadline = settings.deadline
        self.log = log
        self.logger = logger
    }

    /// Works until the dispatcher has no more requests to give.
    func run(for dispatcher: Dispatcher) {
        do {
            try store.connect()
        } catch {
            // Requests are answered with 503 until there is one.
            logger.error("no database connection: \(error)", cause: "no database connection")
        }
        while let job = dispatcher.nextRequest() {
            RequestRunner(job, log).run(for: dispatcher, store) { connection, path, begun in
                guard job.assignment.overload == nil else { return .answered(ConversationAPI.overloaded()) }
                let request = Request(
                    method: connection.parameter("REQUEST_METHOD") ?? "",
                    path: path,
                    authorization: connection.parameterBytes("HTTP_AUTHORIZATION"),
                    body: connection.readBody(),
                    deadline: begun + deadline
                )
                let takeTurn = { conversation in dispatcher.takeTurn(job, toWriteTo: conversation) }
                return api.respond(
                    to: request,
                    now: Int64(time(nil)),
                    takeTurn: job.assignment.hasTurn ? nil : takeTurn
                )
            }
        }
    }
}
