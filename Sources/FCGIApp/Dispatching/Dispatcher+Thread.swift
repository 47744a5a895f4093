// The dispatcher's thread, which owns the listener and every connection that no worker serves.

import Runtime

extension Dispatcher {
    /// The size in bytes of the memory that is received into.
    private static let scratchSize = 64 * 1024
    /// The longest time between two looks at the deadlines: those of connections that a worker has made idle are new
    /// to the thread.
    private static let tick = Interval.seconds(1)

    /// Works until the process is to stop, and its last connection is gone.
    func run() throws(SystemError) {
        let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.scratchSize, alignment: 16)
        defer { scratch.deallocate() }
        var acceptor = try Acceptor(listener, poller, logger: logger)
        shared.withLock { $0.table.lifeCycle.start() }
        while let review = review() {
            if review.isStopping, !acceptor.isClosed {
                let accepted = try acceptor.finish(at: .now)
                try add(accepted, of: &acceptor)
                if acceptor.isClosed {
                    shared.withLock { $0.table.listenerClosed() }
                    continue
                }
            } else if review.hasRoom {
                try acceptor.resume(at: .now)
            }
            let events = try poller.wait(timeout: timeout(review, acceptor))
            let ready = readyConnections(events)
            if !ready.isEmpty { receive(ready, using: scratch) }
            if events.contains(where: { $0.token == Acceptor.token }) {
                let accepted = try acceptor.accept(room: room())
                try add(accepted, of: &acceptor)
            }
        }
    }

    // MARK: Time

    /// How things stand between two waits.
    private struct Review {
        var hasRoom: Bool
        var isStopping: Bool
        /// When something is to be done even if nothing happens; nil: never.
        var deadline: Instant?
    }

    /// Does what time has come for; nil when the process has stopped.
    private func review() -> Review? {
        let now = Instant.now
        return shared.withLock { shared in
            let expiry = shared.table.expire(at: now)
            for id in expiry.closed { shared.release(id, because: .timeout) }
            for id in expiry.drained { shared.release(id, because: .drained) }
            refusals.signal(expiry.refused)
            requests.signal(expiry.released)
            guard shared.table.lifeCycle.phase != .stopped else {
                requests.broadcast()
                refusals.broadcast()
                return nil
            }
            let deadline = shared.pendingInput.isEmpty ? shared.table.nextDeadline : now
            shared.nextReview = min(deadline ?? now + Self.tick, now + Self.tick)
            return Review(
                hasRoom: shared.table.room > 0,
                isStopping: shared.table.lifeCycle.isStopping,
                deadline: deadline
            )
        }
    }

    private func timeout(_ review: Review, _ acceptor: Acceptor) -> Interval {
        let now = Instant.now
        let deadlines = [review.deadline, acceptor.nextAttempt].compactMap(\.self)
        return min(deadlines.min().map { $0 - now } ?? Self.tick, Self.tick)
    }

    // MARK: Receiving

    /// The connections that are to be received from. Those whose peer has gone are closed.
    private func readyConnections(_ events: [Poller.Event]) -> [(ConnectionTable.ID, FCGXConnection)] {
        shared.withLock { shared in
            var ids = shared.pendingInput
            shared.pendingInput.removeAll(keepingCapacity: true)
            for event in events where event.token != Acceptor.token {
                let id = ConnectionTable.ID(token: event.token)
                if event.isHungUp {
                    end(id, because: .peer, in: &shared)
                } else {
                    ids.append(id)
                }
            }
            return ids.compactMap { id in
                shared.table.beginReading(id) ? shared.connection(id).map { (id, $0) } : nil
            }
        }
    }

    private func receive(
        _ ready: [(ConnectionTable.ID, FCGXConnection)],
        using scratch: UnsafeMutableRawBufferPointer
    ) {
        let receptions = ready.map { id, connection in
            let reception = connection.receive(using: scratch)
            return (id, reception, connection.receivedCount, reception == .request ? connection.kind : .other)
        }
        let now = Instant.now
        shared.withLock { shared in
            var queued = 0
            var refused = 0
            for (id, reception, size, kind) in receptions {
                switch reception {
                case .incomplete:
                    if size > 0 { shared.table.receivedPart(id, at: now) } else { shared.table.receivedNothing(id) }
                case .request:
                    switch shared.table.receivedRequest(id, bytes: size, kind: kind, at: now) {
                    case .queued: queued += 1
                    // Where there is no permit, no worker could take it.
                    case .queuedWrite: queued += shared.table.nextWrite == nil ? 0 : 1
                    case .queuedSearch: queued += shared.table.nextSearch == nil ? 0 : 1
                    case .refused: refused += 1
                    default: break
                    }
                case .ended:
                    end(id, because: size > 0 ? .protocolError : .peer, in: &shared)
                }
            }
            requests.signal(queued)
            refusals.signal(refused)
        }
    }

    /// The peer has closed the connection, or has sent what is no request.
    private func end(
        _ id: ConnectionTable.ID,
        because reason: DispatcherStatistics.CloseReason,
        in shared: inout DispatcherState
    ) {
        let hangUp = shared.table.ended(id)
        if hangUp.closesNow { shared.release(id, because: reason) }
        requests.signal(hangUp.released)
    }

    // MARK: Accepting

    /// How many connections may be accepted. Where there is no room, whoever closes a connection is to wake this
    /// thread.
    private func room() -> Int {
        shared.withLock { shared in
            shared.waitsForRoom = shared.table.room == 0
            return shared.table.room
        }
    }

    private func add(_ descriptors: [Int32], of acceptor: inout Acceptor) throws(SystemError) {
        for descriptor in descriptors {
            let connection = FCGXConnection(descriptor: descriptor, settings)
            let now = Instant.now
            let id = shared.withLock { $0.add(connection, at: now) }
            do {
                try poller.add(descriptor, for: .input, token: id.token)
            } catch {
                shared.withLock { shared in end(id, because: .peer, in: &shared) }
                try acceptor.pause(after: error)
            }
        }
    }
}

extension ConnectionTable.ID {
    /// The number that the poller carries for a connection.
    fileprivate var token: UInt64 { UInt64(generation) << 32 | UInt64(UInt32(bitPattern: descriptor)) }

    fileprivate init(token: UInt64) {
        self.init(descriptor: Int32(truncatingIfNeeded: token), generation: UInt32(truncatingIfNeeded: token >> 32))
    }
}
