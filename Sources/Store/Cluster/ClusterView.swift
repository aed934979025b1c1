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
    private(set) var nodes: [Node] = []
    /// The digests of the changes that were asked about and that the log holds, by their revision.
    private var links: [Int64: [UInt8]] = [:]
    /// Counts the times that a standby has taken over.
    private(set) var timeline = ""

    var rows: [NodeRow] { nodes.map(\.row) }

    func holds(_ place: LogPlace) -> Bool { links[place.revision] == place.link }
}

extension ClusterMessage where Answer == ClusterView {
    /// One statement, so that all of it is of one moment; one message, since a revoke may wait for nothing else.
    ///
    /// - Parameter revisions: which changes to look for in the log.
    static func look(for revisions: Set<Int64> = []) -> Self {
        let list = "{\(revisions.sorted().map(String.init).joined(separator: ","))}"
        return Self { connection in
            try connection.run(
                """
                SELECT 1, id, name, NULL::bytea, renewal, acknowledged, lease, seen_at
                    FROM cluster_node WHERE is_dead = 0
                UNION ALL SELECT 2, NULL, NULL, link, seq, NULL, NULL, NULL
                    FROM change_log WHERE seq = ANY($1::text::bigint[])
                UNION ALL SELECT 3, NULL, substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), NULL, NULL, NULL, NULL, NULL
                ORDER BY 1, 2
                """, [.text(list)])
        } read: { rows in
            var view = ClusterView()
            for row in rows { try view.take(row) }
            return view
        }
    }
}

extension ClusterView {
    fileprivate mutating func take(_ row: SQLRow) throws {
        switch try row.integer(0) {
        case 1:
            guard let id = NodeID(text: try row.text(1)) else { throw CorruptRow(column: 1) }
            let member = NodeRow(
                id: id, renewal: try row.integer(4), acknowledged: try row.integer(5),
                lease: Span(microseconds: try row.integer(6)))
            nodes.append(Node(row: member, name: try row.text(2), seenAt: try row.integer(7)))
        case 2: links[try row.integer(4)] = try row.blob(3)
        default: timeline = try row.text(2)
        }
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
