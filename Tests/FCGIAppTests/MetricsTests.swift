// What is counted, and how Prometheus reads it.

import Glibc
import Handlers
import Logging
import MySQLStore
import Runtime
import Testing

@testable import FCGIApp

@Suite struct MetricsTests {
    @Test func aHistogramCountsUpToEachBound() {
        var histogram = Histogram()
        for microseconds: Int64 in [0, 500, 501, 1_000, 5_000_000, 5_000_001] {
            histogram.add(.microseconds(microseconds))
        }
        #expect(histogram.counts == [2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
        #expect(histogram.sum == .microseconds(10_002_002))
    }

    @Test func aSumThatIsTooLongToBeToldStaysAtTheLongest() {
        var histogram = Histogram()
        let century = Interval.seconds(100 * 365 * 86_400)
        for _ in 0..<8 { histogram.add(century) }
        #expect(histogram.counts.last == 8)
        #expect(histogram.sum > century + century)
        let before = histogram.sum
        histogram.add(.microseconds(1))
        #expect(histogram.sum == before)
    }

    @Test func bucketsAreCumulative() {
        var histogram = Histogram()
        for microseconds: Int64 in [400, 400, 2_000, 9_000_000] { histogram.add(.microseconds(microseconds)) }
        var page = PrometheusText()
        page.histograms("x_seconds", "Help.", [(["endpoint": "e"], histogram)])
        let lines = page.text.split(separator: "\n")
        #expect(lines.prefix(2) == ["# HELP x_seconds Help.", "# TYPE x_seconds histogram"])
        #expect(lines.contains("x_seconds_bucket{endpoint=\"e\",le=\"0.0005\"} 2"))
        #expect(lines.contains("x_seconds_bucket{endpoint=\"e\",le=\"0.0025\"} 3"))
        #expect(lines.contains("x_seconds_bucket{endpoint=\"e\",le=\"5.0\"} 3"))
        #expect(lines.contains("x_seconds_bucket{endpoint=\"e\",le=\"+Inf\"} 4"))
        #expect(lines.contains("x_seconds_sum{endpoint=\"e\"} 9.0028"))
        #expect(lines.contains("x_seconds_count{endpoint=\"e\"} 4"))
    }

    @Test func aSampleWithoutLabelsHasNoBraces() {
        var page = PrometheusText()
        page.gauge("x", "Help.", 1.5)
        page.counter("y_total", "Help.", 12)
        #expect(page.text.contains("\nx 1.5\n"))
        #expect(page.text.contains("# TYPE y_total counter\ny_total 12\n"))
    }

    @Test func requestsThatLibfcgiDoesNotReadAreCounted() throws {
        try FCGXLibrary.start()
        var ends: [Int32] = [-1, -1]
        try system("socketpair") { socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) }
        defer { close(ends[1]) }
        let metrics = Metrics()
        let log = RequestLog(metrics: metrics, access: nil, slow: .seconds(1), logger: Logger(label: "test"))
        // Nothing has been received: the gate lets no request through that libfcgi does not read.
        let connection = FCGXConnection(
            descriptor: ends[0],
            ConnectionSettings(bodyLimit: 16, sendTimeout: .seconds(1))
        )
        if !connection.acceptRequest() { log.countUnreadable() }
        #expect(metrics.current.unreadable == 1)
    }

    @Test func requestsAreCountedByEndpointAndStatus() {
        let metrics = Metrics()
        for status in [200, 200, 400] { metrics.record(record(status: status, route: .getMessages)) }
        metrics.record(record(status: 503, route: nil, overload: .queueAge))
        let counts = metrics.current
        let statuses = Dictionary(uniqueKeysWithValues: counts.endpoints.map { ($0.name, $0.statuses.map { "\($0)" }) })
        #expect(statuses["get_messages"] == ["(status: 200, count: 2)", "(status: 400, count: 1)"])
        #expect(statuses["other"] == ["(status: 200, count: 0)", "(status: 503, count: 1)"])
        #expect(statuses["mark_read"] == ["(status: 200, count: 0)"])
        #expect(counts.refused == [.queueAge: 1])
        #expect(counts.database.statements == 8)
    }

    private func record(
        status: Int,
        route: Route?,
        overload: ConnectionTable.Overload? = nil
    ) -> RequestRecord {
        var database = StoreStatistics()
        database.statements = 2
        return RequestRecord(
            requestID: nil,
            route: route,
            status: status,
            queued: .zero,
            total: .milliseconds(1),
            waitedForNews: .zero,
            database: database,
            overload: overload,
            failure: nil
        )
    }
}
