import KeybearerVerification

/// A figure that another room knows.
public struct MetricSample: Sendable {
    let name: String
    let help: String
    let isCounter: Bool
    let value: Double

    /// - Parameter name: as Prometheus has them, with `_total` for what only grows.
    public init(name: String, help: String, isCounter: Bool, value: Double) {
        self.name = name
        self.help = help
        self.isCounter = isCounter
        self.value = value
    }
}

/// The text exposition format of Prometheus (version 0.0.4). Labels hold words of this program only, never anything
/// that a client sent (A28).
struct Metrics: Sendable {
    let cache: RecordCache
    let meter: UsageMeter
    let connections: ConnectionCounts
    let others: @Sendable () -> [MetricSample]

    func response() -> Response {
        var text = ""
        func family(_ name: String, _ kind: String, _ help: String, _ samples: [(labels: String, value: String)]) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
            for sample in samples { text += "\(name)\(sample.labels) \(sample.value)\n" }
        }
        func single(_ name: String, _ kind: String, _ help: String, _ value: some CustomStringConvertible) {
            family(name, kind, help, [("", value.description)])
        }
        let totals = meter.totals
        family(
            "keybearer_verifications_total", "counter", "Decisions by their code.",
            Verdict.allCases.map { (#"{code="\#($0.rawValue)"}"#, String(totals[$0] ?? 0)) })
        single("keybearer_cache_entries", "gauge", "Key records in memory.", cache.count)
        single("keybearer_cache_bytes", "gauge", "Bytes that the records in memory take, about.", cache.byteCount)
        single("keybearer_connections", "gauge", "Open connections.", connections.open)
        single("keybearer_connections_accepted_total", "counter", "Connections accepted.", connections.accepted)
        single("keybearer_connections_refused_total", "counter", "Connections over the limit.", connections.refused)
        for sample in others() {
            single(sample.name, sample.isCounter ? "counter" : "gauge", sample.help, sample.value)
        }
        if let figures = ProcessFigures.read() {
            single("process_cpu_seconds_total", "counter", "Processor time, in seconds.", figures.cpuSeconds)
            single("process_resident_memory_bytes", "gauge", "Resident memory.", figures.residentBytes)
            single("process_open_fds", "gauge", "Open file descriptors.", figures.openDescriptors)
        }
        return Response(status: 200, contentType: .metrics, body: Array(text.utf8))
    }
}
