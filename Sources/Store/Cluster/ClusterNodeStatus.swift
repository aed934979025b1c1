import KeybearerVerification

/// A node as people see it.
public struct ClusterNodeStatus: Sendable {
    public let name: String
    /// False once others have taken it for dead; it is forgotten an hour later.
    public let isLive: Bool
    public let acknowledgedRevision: Int64
    /// By the node's own clock.
    public let lastSeenAt: Timestamp

    static func all(_ connection: any Connection) throws -> [ClusterNodeStatus] {
        try connection.rows(
            "SELECT name, is_dead, acknowledged, seen_at FROM cluster_node ORDER BY is_dead, name, seen_at", []
        ).map { row in
            ClusterNodeStatus(
                name: try row.text(0), isLive: try row.integer(1) == 0, acknowledgedRevision: try row.integer(2),
                lastSeenAt: try row.time(3))
        }
    }
}

extension Store {
    /// The nodes that share the database; nil where there can only be one.
    public func clusterNodes() async throws -> [ClusterNodeStatus]? {
        switch feed {
        case .file: nil
        case .lease(_, let barrier), .none(let barrier): try await barrier.nodes()
        }
    }
}
