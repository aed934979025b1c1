/// Declares nodes dead that have stopped renewing, so that revokes stop waiting for them. Any node may do it.
public struct Reaper: Sendable {
    private var seen: [NodeID: (renewal: Int64, at: Moment)] = [:]
    private let breakage: Breakage

    public init(breaking breakage: Breakage = Breakage()) { self.breakage = breakage }

    /// - Parameter now: read from the clock after the rows were.
    /// - Returns: the nodes to mark as dead, each only if its renewals are still the number given.
    public mutating func observe(_ nodes: [NodeRow], at now: Moment) -> [(id: NodeID, renewal: Int64)] {
        var next: [NodeID: (renewal: Int64, at: Moment)] = [:]
        var dead: [(id: NodeID, renewal: Int64)] = []
        for node in nodes {
            let known = seen[node.id].flatMap { $0.renewal == node.renewal ? $0 : nil }
            let first = known ?? (renewal: node.renewal, at: now)
            next[node.id] = first
            let patience = breakage.ignores(.reaperWaitsForTheLease) ? Span(microseconds: 0) : node.lease
            if first.at.advanced(by: patience) < now { dead.append((node.id, node.renewal)) }
        }
        seen = next
        return dead
    }
}
