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

    init(_ settings: Settings, _ store: Store, log: RequestLog, logger: Logger) {
        self.store = store
        api = ConversationAPI(
            store: store,
            tokens: settings.tokens.makeVerifier(),
            storage: settings.fileStorage
        )
        deadline = settings.deadline
        self.log = log
        self.logger = logger
    }

    /// How long a client whose wait was refused or cut short is to wait by itself, in milliseconds: as long as between two
    /// polls that do not wait.
    private static let retryAfter: Int64 = 3_000

    /// What the request may do where it is a poll.
    private func polling(of job: Dispatcher.Job) -> ConversationAPI.Polling {
        switch job.assignment.polling {
        case .mayWait: .mayWait
        case .isOver(.time): .isOver(retryAfter: nil)
        case .isOver(.limit): .isOver(retryAfter: Self.retryAfter)
        // Another instance takes its next poll.
        case .isOver(.drain): .isOver(retryAfter: 0)
        }
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
                let takeTurn = { turn in dispatcher.takeTurn(job, turn) }
                return api.respond(
                    to: request,
                    // A poll's token was good when it arrived, and its answer is not refused for having waited.
                    now: Int64(time(nil)) - Int64(job.assignment.waitedForNews.seconds.rounded(.up)),
                    takeTurn: job.assignment.hasTurn ? nil : takeTurn,
                    polling: polling(of: job)
                )
            }
        }
    }
}
