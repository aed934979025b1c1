import KeybearerCluster

/// The nodes as one statement saw them, for revokes, the reaper and people.
struct ClusterView: Sendable {
    struct Node: Sendable {
        let row: NodeRow
        let name: String
        /// Microseconds since 1970, by the node's own clock.
        let seenAt: Int64
    }

    /// All that are not dead.
    let nodes: [Node]
    /// Of the changes that were asked about those that the log holds, by their revision.
    let links: [Int64: [UInt8]]
    /// Counts the times that a standby has taken over.
    let timeline: String

    var rows: [NodeRow] { nodes.map(\.row) }

    func holds(_ place: LogPlace) -> Bool { links[place.revision] == place.link }

    /// - Parameter revisions: which changes to look for in the log.
    static func read(_ connection: any Connection, revisions: Set<Int64> = []) throws -> ClusterView {
        let nodes = try connection.rows(
            "SELECT id, renewal, acknowledged, lease, name, seen_at FROM cluster_node WHERE is_dead = 0 ORDER BY id",
            [])
        let list = "{\(revisions.sorted().map(String.init).joined(separator: ","))}"
        let links =
            revisions.isEmpty
            ? []
            : try connection.rows(
                "SELECT seq, link FROM change_log WHERE seq = ANY($1::text::bigint[])", [.text(list)])
        let timeline = try connection.row("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)", [])
        return ClusterView(
            nodes: try nodes.map(Node.init),
            links: Dictionary(uniqueKeysWithValues: try links.map { (try $0.integer(0), try $0.blob(1)) }),
            timeline: try timeline?.text(0) ?? "")
    }
}

extension ClusterView.Node {
    fileprivate init(_ row: SQLRow) throws {
        guard let id = NodeID(text: try row.text(0)) else { throw CorruptRow(column: 0) }
        name = try row.text(4)
        seenAt = try row.integer(5)
        self.row = NodeRow(
            id: id, renewal: try row.integer(1), acknowledged: try row.integer(2),
            lease: Span(microseconds: try row.integer(3)))
    }
}

/// A place in PostgreSQL's change log: a revision, and the digest over the log up to it.
typealias LogPlace = Position<[UInt8]>

extension LogPlace {
    /// The end of the log; 0 and no bytes for an empty one.
    static func end(_ connection: any Connection) throws -> LogPlace {
        guard let row = try connection.row("SELECT seq, link FROM change_log ORDER BY seq DESC LIMIT 1", []) else {
            return LogPlace(revision: 0, link: [])
        }
        return LogPlace(revision: try row.integer(0), link: try row.blob(1))
    }
}
