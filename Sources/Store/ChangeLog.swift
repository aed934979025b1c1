import KeybearerAdministration
import KeybearerVerification

/// The order of all commits, and what each makes memory forget.
extension Connection {
    func lastRevision() throws -> Int64 { try row("SELECT coalesce(max(seq), 0) FROM change_log", [])?.integer(0) ?? 0 }

    /// - Returns: the revision of this commit: its last row's number.
    func log(_ effects: [CacheEffect], at now: Timestamp) throws -> Int64 {
        var revision = try lastRevision()
        if effects.isEmpty {
            revision += 1
            try run(
                "INSERT INTO change_log (seq, at, effect) VALUES ($1, $2, 'none')", [.integer(revision), .time(now)])
        }
        for effect in effects {
            revision += 1
            try run(
                """
                INSERT INTO change_log (seq, at, effect, digest, pepper_id, organization_id)
                VALUES ($1, $2, $3, $4, $5, $6)
                """, [.integer(revision), .time(now)] + effect.columns)
        }
        return revision
    }

    /// What came after a revision; `everything` where rows in between are gone already.
    func effects(after revision: Int64) throws -> (effects: [CacheEffect], revision: Int64) {
        let last = try lastRevision()
        guard last > revision else { return (last < revision ? [.everything] : [], last) }
        let rows = try rows(
            "SELECT seq, effect, digest, pepper_id, organization_id FROM change_log WHERE seq > $1 ORDER BY seq LIMIT 10001",
            [.integer(revision)])
        guard rows.count <= 10_000, Int64(rows.count) == last - revision else { return ([.everything], last) }
        return (try rows.compactMap { try $0.effect() }, last)
    }

    /// Drops rows older than the moment, from the oldest on and a thousand at a time, so that no commit pays for the whole
    /// log; the newest stays, since it carries the revision.
    func pruneLog(before moment: Timestamp) throws {
        try run(
            """
            DELETE FROM change_log WHERE seq IN (
                SELECT seq FROM (SELECT seq, at FROM change_log ORDER BY seq LIMIT 1000) oldest WHERE at < $1)
                AND seq < (SELECT max(seq) FROM change_log)
            """, [.time(moment)])
    }
}

extension SQLRow {
    fileprivate func effect() throws -> CacheEffect? {
        switch try text(1) {
        case "none": return nil
        case "key":
            guard let digest = StoredDigest(bytes: try blob(2), pepperID: try optionalText(3)) else {
                throw CorruptRow(column: 2)
            }
            return .key(digest)
        case "organization": return .organization(try id(4))
        default: return .everything
        }
    }
}
