// What is kept of a request once it is answered.

import Handlers
import MySQLStore
import Runtime

/// An answered request. It holds neither token nor content.
struct RequestRecord: Sendable {
    /// nginx's id of the request, which the client sees as X-Request-Id.
    var requestID: String?
    /// What the API has found out about it.
    var facts = RequestFacts()
    /// The route that was asked for; nil: its path is none.
    var route: Route?
    var status: Int
    /// The time from when the request was whole until a thread took it.
    var queued: Interval
    /// The time from when the request was whole until its answer was sent, without `waitedForNews`.
    var total: Interval
    /// How long it waited for news, as it had asked to.
    var waitedForNews: Interval
    var database: StoreStatistics
    /// Why it got no worker; nil: it was served.
    var overload: ConnectionTable.Overload?
    /// What went wrong in the service or its database; nil: nothing did.
    var failure: InternalFailure?

    /// Why it was refused; nil: it was not. A request that got no worker and one that failed have the cause in place of
    /// the answer's words, which are the same for all of them.
    var refusal: String? { overload?.rawValue ?? failure?.cause ?? facts.refusal }

    /// The route's name in logs and metrics. A path that is no route may hold anything, and is in no log.
    var endpoint: String { route?.name ?? "other" }
}
