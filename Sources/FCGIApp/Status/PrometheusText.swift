// The text format of metrics (Prometheus text exposition format 0.0.4).

import Runtime

/// Writes metrics, each behind its help and its type.
struct PrometheusText {
    private(set) var text = ""

    typealias Labels = KeyValuePairs<String, String>

    mutating func counter(_ name: String, _ help: String, _ value: Double) {
        head(name, help, "counter")
        sample(name, [:], value)
    }

    mutating func gauge(_ name: String, _ help: String, _ value: Double) {
        head(name, help, "gauge")
        sample(name, [:], value)
    }

    /// Writes one metric with several sets of labels.
    mutating func family(_ name: String, _ help: String, _ type: String, _ samples: [(Labels, Double)]) {
        head(name, help, type)
        for (labels, value) in samples { sample(name, labels, value) }
    }

    /// Writes durations, in seconds.
    mutating func histograms(_ name: String, _ help: String, _ histograms: [(Labels, Histogram)]) {
        head(name, help, "histogram")
        for (labels, histogram) in histograms {
            var count = 0
            for (index, bucket) in histogram.counts.enumerated() {
                count += bucket
                let bound = index < Histogram.bounds.count ? "\(Double(Histogram.bounds[index]) / 1e6)" : "+Inf"
                sample(name + "_bucket", labels, Double(count), bound: bound)
            }
            sample(name + "_sum", labels, histogram.sum.seconds)
            sample(name + "_count", labels, Double(count))
        }
    }

    private mutating func head(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func sample(_ name: String, _ labels: Labels, _ value: Double, bound: String? = nil) {
        var pairs = labels.map { "\($0)=\"\($1)\"" }
        if let bound { pairs.append("le=\"\(bound)\"") }
        text += name + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}")
        text += value == value.rounded() && abs(value) < 1e15 ? " \(Int64(value))\n" : " \(value)\n"
    }
}
