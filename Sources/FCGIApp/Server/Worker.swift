// One worker: a thread with a database connection, an API and the connections it takes on.

import Glibc
import Handlers
import Logging
import MySQLStore

/// Takes a connection, answers its requests, takes the next.
///
/// A connection that nginx keeps open between requests holds its worker: nginx/ does not ask for it.
final class Worker {
    private let store: Store
    private let api: ConversationAPI
    private let logger: Logger

    init(_ settings: Settings, health: DatabaseHealth, logger: Logger) {
        store = Store(settings.database, health: health)
        api = ConversationAPI(store: store, tokens: settings.tokens.makeVerifier())
        self.logger = logger
    }

    /// Works until the listener has no more connections to give.
    func run(on listener: UnixListener) {
        do {
            try store.connect()
        } catch {
            // Requests are answered with 503 until it works.
            logger.error("no database connection: \(error)")
        }
        while true {
            do {
                guard let descriptor = try listener.accept() else { return }
                serve(FCGXConnection(descriptor: descriptor))
            } catch {
                // Descriptors or memory have run out: what holds them may be done in a moment.
                logger.error("\(error)")
                usleep(100_000)
            }
        }
    }

    private func serve(_ connection: FCGXConnection) {
        while connection.acceptRequest() {
            let request = Request(
                method: connection.parameter("REQUEST_METHOD") ?? "",
                path: connection.parameter("SCRIPT_NAME") ?? "",
                authorization: connection.parameterBytes("HTTP_AUTHORIZATION"),
                body: connection.readBody(limit: ConversationAPI.bodyLimit)
            )
            let response = api.respond(to: request, now: Int64(time(nil)))
            if let failure = response.failure {
                log(failure, status: response.status, id: connection.parameter("REQUEST_ID"), path: request.path)
            }
            connection.respond(head: ResponseHead.bytes(of: response), body: response.body)
        }
    }

    /// A path with a failure behind it is one of the routes: nothing that a client made up.
    private func log(_ failure: String, status: Int, id: String?, path: String) {
        logger.error("\(failure)", metadata: ["status": "\(status)", "request": "\(id ?? "-")", "path": "\(path)"])
    }
}
