import KeybearerAdministration
import KeybearerCluster
import KeybearerVerification

/// A statement of the protocol between nodes: one transaction that travels as one message, and what its answer means.
/// What makes them safe is said in `Member`. Where the log is read it is by its own order and limit, so that no plan of
/// the server's, whatever it knows of the log's length, reads all of it.
struct ClusterMessage<Answer: Sendable>: Sendable {
    let write: @Sendable (any Connection) throws -> Void
    /// Reads the rows of the last statement.
    let read: @Sendable ([SQLRow]) throws -> Answer
}

extension ClusterMessage where Answer == Void {
    private init(_ write: @escaping @Sendable (any Connection) throws -> Void) {
        self.init(write: write) { _ in }
    }

    static func withdraw(_ id: NodeID, renewal: Int64) -> Self {
        Self {
            try $0.run(
                "DELETE FROM cluster_node WHERE id = $1 AND renewal = $2", [.text(id.text), .integer(renewal)])
        }
    }

    /// Marks a node as dead, unless it has renewed since; forgets nodes that have been dead for an hour.
    static func bury(_ id: NodeID, renewal: Int64, at now: Timestamp) -> Self {
        Self { connection in
            try connection.run(
                "UPDATE cluster_node SET is_dead = 1 WHERE id = $1 AND renewal = $2",
                [.text(id.text), .integer(renewal)])
            try connection.run(
                "DELETE FROM cluster_node WHERE is_dead = 1 AND seen_at < $1", [.time(now.adding(seconds: -3600))])
        }
    }
}

/// What a renewal, or reading the log without one, comes to.
enum Renewal: Sendable {
    /// The log from the change on that was applied last, and which of the servers that followed each other wrote it.
    /// The configuration is the one in force then.
    case rows([LoggedChange], timeline: String, configuration: ConfigurationDigest?)
    case fenced
    /// More than are worth reading one by one.
    case tooMany

    var rows: [LoggedChange]? {
        if case .rows(let rows, _, _) = self { rows } else { nil }
    }

    static let mostRows = 5_000
}

extension ClusterMessage where Answer == Renewal {
    /// Renews, then reads the log. The row is locked by the update before the log is read, so the reaper comes either
    /// before both or after both. Whether the update found the row is told by the row's version: it is of this very
    /// transaction, or somebody else's.
    static func renew(_ id: NodeID, renewal: Int64, applied: Int64, at now: Timestamp) -> Self {
        Self { connection in
            try connection.run(
                """
                UPDATE cluster_node SET renewal = renewal + 1, acknowledged = greatest(acknowledged, $3), seen_at = $4
                WHERE id = $1 AND renewal = $2 AND is_dead = 0
                """, [.text(id.text), .integer(renewal), .integer(applied), .time(now)])
            try connection.run(
                """
                SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
                    (SELECT digest FROM cluster_configuration),
                    c.seq, c.link, c.at, c.effect, c.digest, c.pepper_id, c.organization_id
                FROM cluster_node n LEFT JOIN LATERAL
                    (SELECT * FROM change_log WHERE seq >= $3 ORDER BY seq LIMIT $4) c ON true
                WHERE n.id = $1 AND n.xmin = pg_current_xact_id()::xid AND $2 = n.renewal ORDER BY c.seq
                """,
                [
                    .text(id.text), .integer(renewal + 1), .integer(applied),
                    .integer(Int64(Renewal.mostRows) + 1),
                ])
        } read: { rows in
            try Renewal(rows)
        }
    }

    /// Reads the log where the row is still this node's, and writes nothing. What was read is no renewal.
    static func follow(_ id: NodeID, renewal: Int64, applied: Int64) -> Self {
        Self { connection in
            try connection.run(
                """
                SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8),
                    (SELECT digest FROM cluster_configuration),
                    c.seq, c.link, c.at, c.effect, c.digest, c.pepper_id, c.organization_id
                FROM cluster_node n LEFT JOIN LATERAL
                    (SELECT * FROM change_log WHERE seq >= $3 ORDER BY seq LIMIT $4) c ON true
                WHERE n.id = $1 AND n.renewal = $2 AND n.is_dead = 0 ORDER BY c.seq
                """,
                [
                    .text(id.text), .integer(renewal), .integer(applied),
                    .integer(Int64(Renewal.mostRows) + 1),
                ])
        } read: { rows in
            try Renewal(rows)
        }
    }
}

extension Renewal {
    fileprivate init(_ rows: [SQLRow]) throws {
        guard let first = rows.first else {
            self = .fenced
            return
        }
        guard rows.count <= Self.mostRows else {
            self = .tooMany
            return
        }
        let timeline = try first.text(0)
        let configuration = first.values[1] == .null ? nil : ConfigurationDigest(bytes: try first.blob(1))
        let changes = first.values[2] == .null ? [] : try rows.map { try LoggedChange($0, from: 2) }
        self = .rows(changes, timeline: timeline, configuration: configuration)
    }
}

extension ClusterMessage where Answer == Bool {
    /// Not waited for until it is on disk: where it is lost, a revoke waits for this node's next renewal.
    ///
    /// - Returns: false where the row is not this node's any more.
    static func acknowledge(_ id: NodeID, renewal: Int64, applied: Int64) -> Self {
        Self { connection in
            try connection.run(
                """
                UPDATE cluster_node SET acknowledged = greatest(acknowledged, $3)
                WHERE id = $1 AND renewal = $2 AND is_dead = 0
                RETURNING set_config('synchronous_commit', 'off', true)
                """, [.text(id.text), .integer(renewal), .integer(applied)])
        } read: { rows in
            !rows.isEmpty
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

    static func random() -> NodeID {
        NodeID(high: .random(in: .min ... .max), low: .random(in: .min ... .max))
    }
}
