// Answers the requests that the dispatcher has refused.

import Handlers

/// Answers 503 to requests that no worker has time for. It has a thread of its own, so that this answer need not wait
/// for a worker either.
struct OverloadResponder {
    let log: RequestLog

    /// Works until the dispatcher has no more requests to give.
    func run(for dispatcher: Dispatcher) {
        while let job = dispatcher.nextRefused() {
            RequestRunner(job, log).run(for: dispatcher, nil) { _, _, _ in .answered(ConversationAPI.overloaded()) }
        }
    }
}
