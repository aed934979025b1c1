import KeybearerAdministration
import KeybearerVerification

extension SQLRecords {
    func hasUsage(before moment: Timestamp) throws -> Bool {
        try connection.row("SELECT 1 FROM usage_hourly WHERE hour < $1 LIMIT 1", [.time(moment)]) != nil
    }

    func auditCheckpoint(of chain: AuditChain) throws -> AuditCheckpoint? {
        try connection.row(
            "SELECT chain, position, hash, at, seal FROM audit_checkpoint WHERE chain = $1", [.text(chain)]
        ).map { row in
            AuditCheckpoint(
                chain: try row.parsed(0) { AuditChain($0) }, position: try row.integer(1),
                hash: try row.chainHash(2), at: try row.time(3), seal: try row.chainHash(4))
        }
    }

    func auditChains(beginningBefore moment: Timestamp, limit: Int) throws -> [AuditChain] {
        try connection.exclude(.retention)
        return try connection.rows(
            """
            SELECT e.chain FROM audit_event e LEFT JOIN audit_checkpoint c ON c.chain = e.chain
            WHERE e.id < $1 AND e.at < $2 AND e.position = coalesce(c.position, 0) + 1 ORDER BY e.id LIMIT $3
            """, [.text(EventID(before: moment)), .time(moment), .number(limit)]
        ).map { row in try row.parsed(0) { AuditChain($0) } }
    }
}

extension Connection {
    func prune(upTo checkpoint: AuditCheckpoint) throws {
        // Somebody else may have come further meanwhile.
        try run(
            """
            INSERT INTO audit_checkpoint (chain, position, hash, at, seal) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (chain) DO UPDATE SET position = excluded.position, hash = excluded.hash, at = excluded.at,
                seal = excluded.seal
            WHERE excluded.position > audit_checkpoint.position
            """,
            [
                .text(checkpoint.chain), .integer(checkpoint.position), .blob(checkpoint.hash.bytes),
                .time(checkpoint.at), .blob(checkpoint.seal.bytes),
            ])
        try run(
            "DELETE FROM audit_event WHERE chain = $1 AND position <= $2",
            [.text(checkpoint.chain), .integer(checkpoint.position)])
    }

    func pruneUsage(before moment: Timestamp, limit: Int) throws {
        try exclude(.retention)
        try run(
            """
            DELETE FROM usage_hourly WHERE (key_id, hour, verdict) IN (
                SELECT key_id, hour, verdict FROM usage_hourly WHERE hour < $1 ORDER BY hour LIMIT $2)
            """, [.time(moment), .number(limit)])
    }
}

extension Store {
    /// On PostgreSQL any node trims the log that all follow: its beginning, and never the newest row, which carries the
    /// revision. A day is counted back from the newest row as well, so that a clock that runs ahead takes nothing away
    /// that a node still needs; one that is behind the beginning reads everything anew. A file's log is trimmed by its
    /// commits.
    public func trimLog(before moment: Timestamp) async throws {
        guard feed.watch == nil else { return }
        var count = Self.trimmedAtOnce
        while count >= Self.trimmedAtOnce - 1 {
            count = try await withWritingConnection { connection in
                try connection.exclude(.retention)
                return try connection.rows(
                    """
                    DELETE FROM change_log WHERE seq >= (SELECT min(seq) FROM change_log) AND seq < (
                        SELECT coalesce(min(seq) FILTER (WHERE at >= least($1,
                                (SELECT at FROM change_log ORDER BY seq DESC LIMIT 1) - 86400000000)), max(seq))
                        FROM (SELECT seq, at FROM change_log ORDER BY seq LIMIT $2) oldest)
                    RETURNING seq
                    """, [.time(moment), .number(Self.trimmedAtOnce)]
                ).count
            }
        }
    }

    private static var trimmedAtOnce: Int { 1000 }
}
