import KeybearerCluster
import KeybearerVerification

/// The statements of the protocol between nodes. Each is one message; what makes it safe is said in `Member`.
struct PostgreSQLCluster: Sendable {
    typealias Place = Position<[UInt8]>

    let database: PostgreSQLDatabase

    enum Renewal: Sendable {
        case rows([LoggedChange])
        case fenced
    }

    /// What a revoke and the reaper see.
    struct View: Sendable {
        let nodes: [NodeRow]
        let names: [NodeID: String]
        /// Whether the log holds the change that was asked for.
        let holdsCommit: Bool
        /// Counts the times that a standby has taken over.
        let timeline: String
    }

    /// The end of the log; 0 and no bytes for an empty one.
    static func place(_ connection: any Connection) throws -> Place {
        guard let row = try connection.row("SELECT seq, link FROM change_log ORDER BY seq DESC LIMIT 1", []) else {
            return Place(revision: 0, link: [])
        }
        return Place(revision: try row.integer(0), link: try row.blob(1))
    }

    func register(_ id: NodeID, name: String, lease: Span, at now: Timestamp) async throws {
        _ = try await database.message { connection in
            try connection.run(
                """
                INSERT INTO cluster_node (id, name, renewal, acknowledged, lease, is_dead, seen_at)
                VALUES ($1, $2, 0, 0, $3, 0, $4)
                """, [.text(id.text), .text(name), .integer(lease.microseconds), .time(now)])
        }
    }

    /// Renews, then reads the log from the change on that was applied last. The row is locked by the update before the
    /// log is read, so the reaper comes either before both or after both. Whether the update found the row is told by
    /// the row's version: it is of this very transaction, or somebody else's.
    func renew(_ id: NodeID, renewal: Int64, applied: Int64, at now: Timestamp) async throws -> Renewal {
        let rows = try await database.message { connection in
            try connection.run(
                """
                UPDATE cluster_node SET renewal = renewal + 1, acknowledged = greatest(acknowledged, $3), seen_at = $4
                WHERE id = $1 AND renewal = $2 AND is_dead = 0
                """, [.text(id.text), .integer(renewal), .integer(applied), .time(now)])
            try connection.run(
                """
                SELECT c.seq, c.link, c.at, c.effect, c.digest, c.pepper_id, c.organization_id
                FROM cluster_node n LEFT JOIN change_log c ON c.seq >= $3
                WHERE n.id = $1 AND n.xmin = pg_current_xact_id()::xid AND $2 = n.renewal ORDER BY c.seq
                """, [.text(id.text), .integer(renewal + 1), .integer(applied)])
        }
        guard let first = rows.first else { return .fenced }
        if first.values.first == .null { return .rows([]) }
        return .rows(try rows.map { try LoggedChange($0) })
    }

    /// - Returns: false where the row is not this node's any more.
    func acknowledge(_ id: NodeID, renewal: Int64, applied: Int64) async throws -> Bool {
        let rows = try await database.message { connection in
            try connection.run(
                """
                UPDATE cluster_node SET acknowledged = greatest(acknowledged, $3)
                WHERE id = $1 AND renewal = $2 AND is_dead = 0
                """, [.text(id.text), .integer(renewal), .integer(applied)])
            try connection.run("SELECT pg_notify('keybearer_acknowledged', '')", [])
            try connection.run(
                "SELECT 1 FROM cluster_node WHERE id = $1 AND xmin = pg_current_xact_id()::xid", [.text(id.text)])
        }
        return !rows.isEmpty
    }

    func withdraw(_ id: NodeID) async throws {
        _ = try await database.message { connection in
            try connection.run("DELETE FROM cluster_node WHERE id = $1", [.text(id.text)])
        }
    }

    /// Marks a node as dead, unless it has renewed since; forgets nodes that have been dead for an hour.
    func bury(_ id: NodeID, renewal: Int64, at now: Timestamp) async throws {
        _ = try await database.message { connection in
            try connection.run(
                "UPDATE cluster_node SET is_dead = 1 WHERE id = $1 AND renewal = $2",
                [.text(id.text), .integer(renewal)])
            try connection.run(
                "DELETE FROM cluster_node WHERE is_dead = 1 AND seen_at < $1", [.time(now.adding(seconds: -3600))])
        }
    }

    /// - Parameter commit: the change that a revoke waits for.
    func view(of commit: Place? = nil) async throws -> View {
        try await database.read { connection in
            let rows = try connection.rows(
                "SELECT id, renewal, acknowledged, lease, name FROM cluster_node WHERE is_dead = 0 ORDER BY id", [])
            var names: [NodeID: String] = [:]
            let nodes = try rows.map { row in
                guard let id = NodeID(text: try row.text(0)) else { throw CorruptRow(column: 0) }
                names[id] = try row.text(4)
                return NodeRow(
                    id: id, renewal: try row.integer(1), acknowledged: try row.integer(2),
                    lease: Span(microseconds: try row.integer(3)))
            }
            let held = try commit.map { commit in
                try connection.row(
                    "SELECT 1 FROM change_log WHERE seq = $1 AND link = $2",
                    [.integer(commit.revision), .blob(commit.link)]) != nil
            }
            let timeline = try connection.row("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)", [])
            return View(nodes: nodes, names: names, holdsCommit: held ?? true, timeline: try timeline?.text(0) ?? "")
        }
    }
}

extension NodeID {
    /// 32 hexadecimal digits.
    var text: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }

    init?(text: String) {
        guard text.utf8.count == 32, let high = UInt64(text.prefix(16), radix: 16),
            let low = UInt64(text.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }
}
