// The settings that say how many requests are served and queued, how large they may be, and how long they may take.

import Runtime

struct RequestVariables: SettingGroup {
    var title: String { "Requests" }

    let workers = Setting<Int>.integer(
        "ORBIA_WORKERS",
        default: 8,
        in: 1...256,
        """
        Worker threads, each with a database connection: how many requests are served at once. They mostly wait for \
        the database, so use a few for each core; more than the database serves at once only queue up there. A quarter \
        of them (of two or three, one) serves reads alone, so that what blocks writes does not block reads. Searches have \
        a quarter of them at the most, and at least one.
        """
    )
    let queueLength = Setting<Int>.integer(
        "ORBIA_QUEUE_LENGTH",
        default: 1_024,
        in: 1...65_535,
        """
        Requests that may wait for a worker, and searches that may wait for others to end, which are counted by \
        themselves. One more is answered 503 at once. More are of use only where the workers answer more than this many \
        in ORBIA_QUEUE_AGE: others would wait only to be answered 503.
        """
    )
    let queueAge = Setting<Interval>.time(
        "ORBIA_QUEUE_AGE",
        default: .seconds(1),
        in: .milliseconds(10)...(.seconds(60)),
        """
        How long a request may wait for a worker and, if it writes or searches, for its turn, both together; after that it is \
        answered 503 with Retry-After. Clients poll every few seconds, and an answer that comes later than the next \
        poll is of no use.
        """
    )
    let writeQueueLength = Setting<Int>.integer(
        "ORBIA_WRITE_QUEUE_LENGTH",
        default: 1_024,
        in: 0...65_535,
        """
        Writes that may wait outside the queue: for one of the workers that serve writes, or for other writes to the \
        same conversation. One more is answered 503 at once.
        """
    )
    let parkedWritesPerConversation = Setting<Int>.integer(
        "ORBIA_PARKED_WRITES_PER_CONVERSATION",
        default: 128,
        in: 0...65_535,
        """
        Writes that may wait for other writes to one conversation. It keeps a conversation whose row is locked from \
        taking all places of ORBIA_WRITE_QUEUE_LENGTH. One more is answered 503 at once.
        """
    )
    let deadline = Setting<Interval>.time(
        "ORBIA_DEADLINE",
        default: .seconds(3),
        in: .seconds(1)...(.seconds(60)),
        """
        How long a request may take from when a worker has it; then it is answered 503. The time limits of its \
        database calls follow from it. Together with ORBIA_QUEUE_AGE it must stay below nginx's fastcgi_read_timeout.
        """
    )
    let waitingPolls = Setting<Int>.integer(
        "ORBIA_WAITERS",
        default: .absent("five sixths of ORBIA_CONNECTIONS"),
        in: 0...65_535,
        """
        Polls that may wait for news at once, of requests with `wait`. Each holds a connection of nginx, so keep it below \
        ORBIA_CONNECTIONS, with room for all other requests, and takes up to 2.5 KB. One more is answered at once, as \
        a poll that does not wait.
        """
    )
    let waitingPollsPerUser = Setting<Int>.integer(
        "ORBIA_WAITERS_PER_USER",
        default: 20,
        in: 0...65_535,
        "Polls of one user that may wait at once: one for each of the user's browsers. One more ends the oldest of them."
    )
    let watchInterval = Setting<Interval>.time(
        "ORBIA_WATCH_INTERVAL",
        default: .milliseconds(22),
        in: .milliseconds(20)...(.seconds(10)),
        """
        How often the database is asked for changes while polls wait: how late they are told, for one statement each time. \
        Nothing is asked while no poll waits.
        """
    )
    let bodyLimit = Setting<Int>.integer(
        "ORBIA_BODY_LIMIT",
        default: 524_288,
        in: 1...16_777_216,
        """
        Bytes of the largest request body; a larger one is answered 413. The longest content, with each of its bytes \
        escaped, has 393 KB. Not below nginx's client_max_body_size, so that nginx refuses first.
        """
    )
}
