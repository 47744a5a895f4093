// A line of JSON for each request.

import Glibc
import Handlers

/// Where the access log goes.
enum AccessLogTarget: Hashable, Sendable {
    case off
    case standardOutput
    case file(String)

    init?(_ text: String) {
        switch text {
        case "off": self = .off
        case "stdout": self = .standardOutput
        case _ where text.hasPrefix("/"): self = .file(text)
        default: return nil
        }
    }
}

/// Collects lines in memory and writes them from a thread of its own: no request waits for a disk, or
/// for a journal that does not keep up.
final class AccessLog: Sendable {
    private struct State: ~Copyable {
        /// Lines that are not written yet.
        var pending: [UInt8] = []
        var writer = LineWriter()
        var dropped = 0
        var wantsReopening = false
    }

    private let state = Monitor(State())
    private let output: LogFile
    private let stop: StopSignal

    /// Bytes that may wait. Whoever reads the log has been away for a while then; lines are dropped, and
    /// counted.
    private static let pendingLimit = 8 << 20
    /// Lines are written at least so often, in milliseconds.
    private static let interval: Int32 = 200

    /// nil where there is to be none.
    init?(_ target: AccessLogTarget, stop: StopSignal) throws(SystemError) {
        guard let output = try LogFile(target) else { return nil }
        self.output = output
        self.stop = stop
    }

    /// Lines that were dropped.
    var dropped: Int { state.withLock { $0.dropped } }

    func append(_ record: RequestRecord) {
        let now = Timestamp.now
        state.withLock { state in
            guard state.pending.count < Self.pendingLimit else {
                state.dropped += 1
                return
            }
            state.writer.write(record, at: now, to: &state.pending)
        }
    }

    /// Has the file opened anew, as logrotate wants it after it has renamed it.
    func reopen() {
        state.withLock { $0.wantsReopening = true }
    }

    /// Writes until the service stops, and then what is left.
    func run() {
        while (try? stop.wait(milliseconds: Self.interval)) == false { flush() }
        flush()
    }

    private func flush() {
        let (lines, wantsReopening) = state.withLock { state in
            defer {
                state.pending.removeAll(keepingCapacity: false)
                state.wantsReopening = false
            }
            return (state.pending, state.wantsReopening)
        }
        output.write(lines)
        if wantsReopening { output.reopen() }
    }
}

/// Writes the lines: one record, one line.
private struct LineWriter: ~Copyable {
    private var json = JSONWriter()
    /// The time of the last line, in RFC 3339's form; most lines have the second of the line before.
    private var time = Array("0000-00-00T00:00:00.000Z".utf8)
    private var second: Int64 = -1

    /// Where the milliseconds stand in it.
    private static let fraction = 20

    mutating func write(_ record: RequestRecord, at now: Timestamp, to bytes: inout [UInt8]) {
        note(now)
        json.reset()
        json.object { json in
            json.key("time")
            time.withUnsafeBufferPointer { json.string($0) }
            json.member("request", record.requestID)
            json.member("user", record.userID)
            json.key("endpoint")
            json.string(record.endpoint)
            json.member("status", Int64(record.status))
            json.member("total_us", record.total.microseconds)
            json.member("queue_us", record.queued.microseconds)
            json.member("database_us", record.database.time.microseconds)
            json.member("statements", Int64(record.database.statements))
        }
        json.withBytes { bytes.append(contentsOf: $0) }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func note(_ now: Timestamp) {
        if now.second != second {
            second = now.second
            time.replaceSubrange(..<(Self.fraction - 1), with: Timestamp.text(ofSecond: now.second).utf8)
        }
        for (place, unit) in [100, 10, 1].enumerated() {
            time[Self.fraction + place] = UInt8(ascii: "0") + UInt8(now.millisecond / Int64(unit) % 10)
        }
    }
}

/// A time of day in UTC.
struct Timestamp {
    /// Since 1970.
    var second: Int64
    var millisecond: Int64

    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(second: Int64(time.tv_sec), millisecond: Int64(time.tv_nsec) / 1_000_000)
    }

    /// As RFC 3339 has it, without fraction and zone.
    static func text(ofSecond second: Int64) -> String {
        var time = time_t(second)
        var fields = tm()
        gmtime_r(&time, &fields)
        return String(unsafeUninitializedCapacity: 32) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { text in
                strftime(text.baseAddress, text.count, "%Y-%m-%dT%H:%M:%S", &fields)
            }
        }
    }
}
