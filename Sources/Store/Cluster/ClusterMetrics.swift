import KeybearerCluster
import KeybearerVerification
import Synchronization

/// A number for metrics, as Prometheus's text format has it.
public struct ClusterSample: Sendable {
    public let name: String
    public let help: String
    public let isCounter: Bool
    public let value: Double
}

/// What a node has seen since it started.
final class ClusterMetrics: Sendable {
    private let renewals = Atomic<Int>(0)
    private let failures = Atomic<Int>(0)
    private let joins = Atomic<Int>(0)
    private let connections = Atomic<Int>(0)

    func noteRenewal() { renewals.add(1, ordering: .relaxed) }
    func noteFailure() { failures.add(1, ordering: .relaxed) }
    func noteJoin() { joins.add(1, ordering: .relaxed) }
    func note(connections count: Int) { connections.store(count, ordering: .relaxed) }

    /// - Parameter age: how long ago the last renewal was sent that gave a lease; nil while there is none.
    func samples(age: Span?) -> [ClusterSample] {
        [
            ClusterSample("renewals_total", "Leases renewed.", renewals.load(ordering: .relaxed)),
            ClusterSample("failures_total", "Calls to the database that failed.", failures.load(ordering: .relaxed)),
            ClusterSample("joins_total", "Times that memory began anew.", joins.load(ordering: .relaxed)),
            ClusterSample(
                "connections_total", "Connections made for renewing.", connections.load(ordering: .relaxed)),
            ClusterSample(
                name: "keybearer_cluster_lease_held", help: "Whether this node may decide.", isCounter: false,
                value: age == nil ? 0 : 1),
            ClusterSample(
                name: "keybearer_cluster_lease_age_seconds", help: "Time since the renewal that the lease rests on.",
                isCounter: false, value: age?.seconds ?? 0),
        ]
    }
}

/// How long changes waited for the nodes.
final class BarrierMetrics: Sendable {
    private struct Times {
        var count = 0
        var byTime = 0
        var total = Span(microseconds: 0)
        var longest = Span(microseconds: 0)
    }

    private let times = Mutex(Times())

    func note(_ span: Span, byTime: Bool) {
        times.withLock { times in
            times.count += 1
            if byTime { times.byTime += 1 }
            times.total = times.total.advanced(by: span)
            times.longest = max(times.longest, span)
        }
    }

    var samples: [ClusterSample] {
        let times = times.withLock { $0 }
        return [
            ClusterSample("barriers_total", "Changes that waited for all nodes.", times.count),
            ClusterSample("barriers_by_time_total", "Of these, ended by the lease.", times.byTime),
            ClusterSample(
                name: "keybearer_cluster_barrier_seconds_total", help: "Time that changes waited.", isCounter: true,
                value: times.total.seconds),
            ClusterSample(
                name: "keybearer_cluster_barrier_seconds_max", help: "The longest of these waits.", isCounter: false,
                value: times.longest.seconds),
        ]
    }
}

extension ClusterSample {
    fileprivate init(_ name: String, _ help: String, _ count: Int) {
        self.init(name: "keybearer_cluster_" + name, help: help, isCounter: true, value: Double(count))
    }
}

extension Store {
    /// None where there is one node alone.
    public func clusterSamples() -> [ClusterSample] {
        switch feed {
        case .file: []
        case .lease(let node, let barrier): node.samples() + barrier.metrics.samples
        case .none(let barrier): barrier.metrics.samples
        }
    }
}
