import KeybearerCluster

/// What a process is among the nodes that share a PostgreSQL.
public struct ClusterPart: Sendable {
    enum Role: Sendable {
        case node
        case beside
    }

    let lease: Span
    let role: Role

    /// One that verifies keys.
    ///
    /// - Parameter leaseSeconds: how long it may decide without the database, and a revoke may have to wait for it.
    public static func node(leaseSeconds: Int) -> ClusterPart {
        ClusterPart(lease: .seconds(Int64(leaseSeconds)), role: .node)
    }

    /// One that changes things and verifies nothing: a local command, or a control plane alone.
    public static func beside(leaseSeconds: Int) -> ClusterPart {
        ClusterPart(lease: .seconds(Int64(leaseSeconds)), role: .beside)
    }

    /// How long the creation of a key waits for the nodes to know it.
    static let patienceForAdditions = Span.seconds(1)

    /// The longest lease that can be configured, and then some: where the database goes away right after a commit, and
    /// nobody can say who held a lease, the answer is that the change is not known to be in force.
    static let patienceForDenials = Span.seconds(330)
}
