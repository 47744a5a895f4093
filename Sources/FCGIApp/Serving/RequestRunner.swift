// One request from when a thread has taken it until its answer is sent and recorded.

import Handlers
import MySQLStore
import Runtime

/// Has libfcgi read a request, sends its answer, gives the connection back, and records what happened.
struct RequestRunner {
    private let job: Dispatcher.Job
    private let log: RequestLog

    init(_ job: Dispatcher.Job, _ log: RequestLog) {
        self.job = job
        self.log = log
    }

    /// - Parameters:
    ///   - store: the worker's; its statements are counted as the request's.
    ///   - answer: makes the answer, or tells what the request waits for, from its connection, its path, and the time
    ///     when it was taken.
    func run(
        for dispatcher: Dispatcher,
        _ store: Store?,
        answer: (FCGXConnection, String, Instant) -> ConversationAPI.Outcome
    ) {
        let connection = job.connection
        let begun = Instant.now
        let before = store?.statistics ?? StoreStatistics()
        /// What the request has asked of the database so far.
        var database: StoreStatistics { (store?.statistics ?? StoreStatistics()) - before }
        guard connection.acceptRequest() else {
            log.countUnreadable()
            return dispatcher.finished(job, staysOpen: false)
        }
        let path = connection.parameter("SCRIPT_NAME") ?? ""
        let response: Response
        switch answer(connection, path, begun) {
        case .answered(let answer):
            response = answer
        case .awaitsTurn(let turn):
            setAside(connection, database)
            return dispatcher.park(job, for: turn)
        case .awaitsNews(let poll):
            guard case .mayWait(let generation) = job.assignment.polling else {
                fatalError("a poll that is over asks to wait")
            }
            setAside(connection, database)
            return dispatcher.wait(job, for: poll.subject, of: poll.userID, atMost: poll.time, since: generation)
        }
        let requestID = connection.parameter("REQUEST_ID")
        let staysOpen = connection.respond(
            head: ResponseHead.bytes(of: response),
            body: response.body,
            // Its client asks again at once, and would be answered the same here.
            retiring: job.assignment.polling == .isOver(.drain)
        )
        let end = Instant.now
        dispatcher.finished(job, staysOpen: staysOpen)
        log.record(
            RequestRecord(
                requestID: requestID,
                facts: response.facts,
                route: Route(rawValue: path),
                status: response.status,
                queued: job.assignment.waited,
                total: job.assignment.waited + (end - begun),
                waitedForNews: job.assignment.waitedForNews,
                database: database,
                overload: job.assignment.overload,
                failure: response.failure
            )
        )
    }

    /// Leaves the request to be taken up anew, and counts what it has asked of the database: its record will have only
    /// what it asks then.
    private func setAside(_ connection: FCGXConnection, _ database: StoreStatistics) {
        connection.setRequestAside()
        log.add(database)
    }
}
