// Accepts connections from the listener, as long as there is room, and those that are left at the end.

import Logging
import Runtime

/// The listener's side of the dispatcher. It is used by the dispatcher's thread alone.
struct Acceptor {
    private enum State: Equatable {
        case accepting
        /// The poller reports no connections: until one of those that are there closes (nil), or until descriptors
        /// may be free again.
        case paused(until: Instant?)
        /// Nobody can connect any more. From that time on, those that had connected before are accepted.
        case finishing(from: Instant)
        case closed
    }

    /// What the poller reports the listener by.
    static let token = UInt64.max - 1
    /// How long accepting pauses where the process has run out of descriptors or memory.
    private static let errorPause = Interval.milliseconds(100)
    /// How many connections are accepted before others get their turn.
    private static let burst = 64

    private let listener: Listener
    private let poller: Poller
    private let logger: Logger
    private var state = State.accepting

    /// Has the poller report the listener's connections.
    init(_ listener: Listener, _ poller: Poller, logger: Logger) throws(SystemError) {
        self.listener = listener
        self.poller = poller
        self.logger = logger
        try poller.add(listener.descriptor, for: .connections, token: Self.token)
    }

    var isClosed: Bool { state == .closed }

    /// When there is something to do even if nothing is reported; nil: never.
    var nextAttempt: Instant? {
        switch state {
        case .paused(let end): end
        case .finishing(let moment): moment
        case .accepting, .closed: nil
        }
    }

    /// Goes on after a pause that is over.
    mutating func resume(at now: Instant) throws(SystemError) {
        guard case .paused(let end) = state, end.map({ $0 <= now }) ?? true else { return }
        try poller.change(listener.descriptor, to: .connections, token: Self.token)
        state = .accepting
    }

    /// Gives the descriptors of new connections, which the caller owns. Where there is no room, it pauses until
    /// `resume` is called.
    mutating func accept(room: Int) throws(SystemError) -> [Int32] {
        guard state == .accepting else { return [] }
        guard room > 0 else {
            try pause(until: nil)
            return []
        }
        var accepted: [Int32] = []
        while accepted.count < min(room, Self.burst) {
            do {
                guard let descriptor = try listener.accept() else { return accepted }
                accepted.append(descriptor)
            } catch {
                try pause(after: error)
                return accepted
            }
        }
        return accepted
    }

    /// Reports an error, and stops accepting for a moment: the process has run out of descriptors or memory.
    mutating func pause(after error: SystemError) throws(SystemError) {
        report(error)
        if state == .accepting { try pause(until: .now + Self.errorPause) }
    }

    /// Closes the listener, and gives the descriptors of those who had connected before: they have been promised an
    /// answer. Where it cannot accept all of them now, `isClosed` remains false, and it is to be called again at
    /// `nextAttempt`.
    mutating func finish(at now: Instant) throws(SystemError) -> [Int32] {
        switch state {
        case .closed:
            return []
        case .finishing(let moment) where moment > now:
            return []
        case .finishing:
            break
        case .accepting, .paused:
            try poller.change(listener.descriptor, to: .nothing, token: Self.token)
            listener.withdraw()
        }
        var accepted: [Int32] = []
        do {
            while let descriptor = try listener.accept() { accepted.append(descriptor) }
            listener.close()
            state = .closed
        } catch {
            // Descriptors have run out: some come free as connections close.
            report(error)
            state = .finishing(from: now + Self.errorPause)
        }
        return accepted
    }

    private mutating func pause(until end: Instant?) throws(SystemError) {
        try poller.change(listener.descriptor, to: .nothing, token: Self.token)
        state = .paused(until: end)
    }

    private func report(_ error: SystemError) {
        logger.error("\(error)", cause: "\(error)")
    }
}
