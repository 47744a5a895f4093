// The form of the access log's lines.

import Handlers
import Runtime

/// Writes each record as a line of JSON.
struct AccessLogLines: ~Copyable {
    private var json = JSONWriter()
    /// The time of the last line, in RFC 3339's form. It is kept since most lines have the second of the line before.
    private var time = Array("0000-00-00T00:00:00.000Z".utf8)
    private var second: Int64 = -1

    /// The offset of the milliseconds in `time`.
    private static let fraction = 20

    /// Makes the line about a request, without a newline.
    mutating func withLine(
        about record: RequestRecord,
        at now: Timestamp,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        note(now)
        json.reset()
        json.object { json in
            json.key("time")
            time.withUnsafeBufferPointer { json.string($0) }
            json.member("request", record.requestID)
            json.member("user", record.facts.userID)
            json.member("conversation", record.facts.conversation)
            json.key("endpoint")
            json.string(record.endpoint)
            json.member("status", Int64(record.status))
            json.member("reason", record.refusal)
            json.member("total_us", record.total.microseconds)
            json.member("queue_us", record.queued.microseconds)
            json.member("wait_us", record.waitedForNews.microseconds)
            json.member("database_us", record.database.time.microseconds)
            json.member("statements", Int64(record.database.statements))
        }
        json.withBytes(body)
    }

    /// Makes the line that tells of a gap in the log, without a newline.
    static func notice(of gap: LogGap, at now: Timestamp) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.member("time", "\(now)")
            json.member("dropped", Int64(gap.dropped))
            json.member("error", gap.failure.map { "\($0)" })
        }
        return json.bytes
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
