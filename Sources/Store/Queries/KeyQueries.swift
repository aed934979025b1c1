import KeybearerAdministration
import KeybearerVerification

extension SQLRecords: KeyRecords {
    func key(_ id: KeyID, of organization: OrganizationID) throws -> APIKey? {
        try connection.row(
            """
            SELECT k.id, k.organization_id, k.name, k.digest, k.pepper_id, k.preview, k.permissions, k.allowed_ips,
                k.is_disabled, k.expires_at, k.rate_requests, k.rate_window_seconds, k.creator_kind, k.creator_id,
                k.creator_name, k.created_at, k.revoked_at, k.revoked_by, k.revoke_reason, k.rotated_from, k.successor,
                k.overlap_ends_at, u.at, u.address
            FROM api_key k LEFT JOIN key_last_use u ON u.key_id = k.id
            WHERE k.organization_id = $1 AND k.id = $2
            """, [.text(organization), .text(id)]
        ).map { try key(of: $0) }
    }

    func key(under digests: [StoredDigest]) throws -> APIKey? {
        for digest in digests {
            // The pepper's name is compared too: a plain digest that somebody wrote is not a peppered one.
            let row = try connection.row(
                """
                SELECT k.id, k.organization_id, k.name, k.digest, k.pepper_id, k.preview, k.permissions, k.allowed_ips,
                    k.is_disabled, k.expires_at, k.rate_requests, k.rate_window_seconds, k.creator_kind, k.creator_id,
                    k.creator_name, k.created_at, k.revoked_at, k.revoked_by, k.revoke_reason, k.rotated_from,
                    k.successor, k.overlap_ends_at, u.at, u.address
                FROM api_key k LEFT JOIN key_last_use u ON u.key_id = k.id
                WHERE k.digest = $1 AND coalesce(k.pepper_id, '') = coalesce($2, '')
                """, [.blob(digest.bytes), .text(digest.pepperID)])
            if let row { return try key(of: row) }
        }
        return nil
    }

    func organization(ofKey id: KeyID) throws -> OrganizationID? {
        try connection.row("SELECT organization_id FROM api_key WHERE id = $1", [.text(id)])?.id(0)
    }

    func everyKey(_ page: Page<KeyID>) throws -> [APIKey] {
        let rows = try connection.rows(
            """
            SELECT k.id, k.organization_id, k.name, k.digest, k.pepper_id, k.preview, k.permissions, k.allowed_ips,
                k.is_disabled, k.expires_at, k.rate_requests, k.rate_window_seconds, k.creator_kind, k.creator_id,
                k.creator_name, k.created_at, k.revoked_at, k.revoked_by, k.revoke_reason, k.rotated_from, k.successor,
                k.overlap_ends_at, u.at, u.address
            FROM api_key k JOIN organization o ON o.id = k.organization_id
                LEFT JOIN key_last_use u ON u.key_id = k.id
            WHERE o.deleted_at IS NULL AND k.id < coalesce($1, '~') ORDER BY k.id DESC LIMIT $2
            """, [.text(page.after), .number(page.limit)])
        return try keys(of: rows)
    }

    func digests(after digest: StoredDigest?, limit: Int) throws -> [StoredDigest] {
        try connection.rows(
            "SELECT digest FROM api_key WHERE digest > $1 ORDER BY digest LIMIT $2",
            [.blob(digest?.bytes ?? []), .number(limit)]
        ).map { row in
            guard let digest = StoredDigest(bytes: try row.blob(0), pepperID: nil) else { throw CorruptRow(column: 0) }
            return digest
        }
    }

    func keyCount(upTo limit: Int) throws -> Int {
        let row = try connection.row(
            "SELECT count(*) FROM (SELECT id FROM api_key LIMIT $1) AS counted", [.number(limit)])
        return Int(try row?.integer(0) ?? 0)
    }

    func keys(_ query: KeyQuery, _ page: Page<KeyID>, now: Timestamp) throws -> [APIKey] {
        if let ids = query.ids { return try keys(ids, query, page, now: now) }
        let rows = try connection.rows(
            """
            SELECT k.id, k.organization_id, k.name, k.digest, k.pepper_id, k.preview, k.permissions, k.allowed_ips,
                k.is_disabled, k.expires_at, k.rate_requests, k.rate_window_seconds, k.creator_kind, k.creator_id,
                k.creator_name, k.created_at, k.revoked_at, k.revoked_by, k.revoke_reason, k.rotated_from, k.successor,
                k.overlap_ends_at, u.at, u.address
            FROM api_key k LEFT JOIN key_last_use u ON u.key_id = k.id
            WHERE k.organization_id = $1
                AND k.id < coalesce($2, '~')
                AND ($4 = 'all' OR $4 = CASE
                    WHEN k.revoked_at IS NOT NULL OR k.overlap_ends_at <= $3 THEN 'revoked'
                    WHEN k.expires_at <= $3 THEN 'expired' ELSE 'active' END)
                AND (k.creator_id = $5 OR $5 IS NULL)
                AND (EXISTS (SELECT 1 FROM api_key_label l
                    WHERE l.key_id = k.id AND l.name = $6 AND (l.value = $7 OR $7 IS NULL)) OR $6 IS NULL)
                AND (coalesce(u.at, k.created_at) < $8 OR $8 IS NULL)
            ORDER BY k.id DESC LIMIT $9
            """,
            [
                .text(query.organization), .text(page.after), .time(now), .text(query.status.rawValue),
                .text(query.createdBy), .text(query.label?.key), .text(query.label?.value), .time(query.unusedSince),
                .number(page.limit),
            ])
        return try keys(of: rows)
    }

    /// The named keys, each found by its own index entry, then narrowed by the rest of the query.
    private func keys(_ ids: [KeyID], _ query: KeyQuery, _ page: Page<KeyID>, now: Timestamp) throws -> [APIKey] {
        let wanted = Set(ids).sorted(by: >).filter { id in page.after.map { id < $0 } ?? true }
        try expect(wanted.prefix(page.limit).map { .key($0, of: query.organization) })
        return Array(
            try wanted.lazy.compactMap { try key($0, of: query.organization) }
                .filter { $0.matches(query, now: now) }.prefix(page.limit))
    }

    func quotaUse(of organization: OrganizationID, now: Timestamp) throws -> Int {
        try connection.exclude(.organization(organization))
        // A key that was rotated out does not count beside its living successor: the pair is one.
        let row = try connection.row(
            """
            SELECT count(*) FROM api_key k
            WHERE k.organization_id = $1 AND k.revoked_at IS NULL
                AND (k.expires_at IS NULL OR k.expires_at > $2)
                AND (k.overlap_ends_at IS NULL OR k.overlap_ends_at > $2)
                AND NOT (k.successor IS NOT NULL AND EXISTS (SELECT 1 FROM api_key s
                    WHERE s.id = k.successor AND s.organization_id = $1 AND s.revoked_at IS NULL
                        AND (s.expires_at IS NULL OR s.expires_at > $2)
                        AND (s.overlap_ends_at IS NULL OR s.overlap_ends_at > $2)))
            """, [.text(organization), .time(now)])
        return Int(try row?.integer(0) ?? 0)
    }

    /// The labels of all of them are said beforehand, so that they cost one message.
    private func keys(of rows: [SQLRow]) throws -> [APIKey] {
        if connection.gainsByForesight {
            try connection.expect(try rows.map { Self.labels(of: try $0.id(0)) }, under: [])
        }
        return try rows.map { try key(of: $0) }
    }

    private func key(of row: SQLRow) throws -> APIKey {
        let id: KeyID = try row.id(0)
        return try row.key(id, try labels(of: id))
    }

    func labels(of id: KeyID) throws -> [APIKey.Label] {
        let question = Self.labels(of: id)
        return try connection.rows(question.sql, question.arguments).map {
            APIKey.Label(key: try $0.text(0), value: try $0.text(1))
        }
    }

    private static func labels(of id: KeyID) -> SQLQuestion {
        SQLQuestion("SELECT name, value FROM api_key_label WHERE key_id = $1 ORDER BY name", [.text(id)])
    }
}

extension APIKey {
    fileprivate func matches(_ query: KeyQuery, now: Timestamp) -> Bool {
        let status = status(at: now)
        let isStatus =
            switch query.status {
            case .all: true
            case .active: status != .expired && status != .revoked
            case .expired: status == .expired
            case .revoked: status == .revoked
            }
        let isLabelled =
            query.label.map { wanted in
                labels.contains { $0.key == wanted.key && (wanted.value == nil || $0.value == wanted.value) }
            } ?? true
        return isStatus && isLabelled && (query.createdBy.map { $0 == createdBy.id } ?? true)
            && (query.unusedSince.map { (lastUse?.at ?? createdAt) < $0 } ?? true)
    }
}

extension SQLRow {
    fileprivate func key(_ id: KeyID, _ labels: [APIKey.Label]) throws -> APIKey {
        guard let digest = StoredDigest(bytes: try blob(3), pepperID: try optionalText(4)) else {
            throw CorruptRow(column: 3)
        }
        var rateLimit: RateLimitPolicy?
        if let requests = try optionalInteger(10), let seconds = try optionalInteger(11) {
            rateLimit = RateLimitPolicy(requests: Int(requests), windowSeconds: Int(seconds))
        }
        let revocation = try optionalTime(16).map {
            APIKey.Revocation(at: $0, by: try text(17), reason: try optionalText(18))
        }
        let lastUse = try optionalTime(22).map { APIKey.LastUse(at: $0, address: try optionalAddress(23)) }
        return APIKey(
            id: id, organization: try self.id(1), name: try text(2), digest: digest, preview: try text(5),
            permissions: try list(6) { Permission($0) }, allowedIPs: try list(7) { CIDRBlock($0) }, labels: labels,
            isDisabled: try flag(8), expiresAt: try optionalTime(9), rateLimit: rateLimit,
            createdBy: Creator(
                kind: try parsed(12) { Creator.Kind(rawValue: $0) }, id: try text(13), name: try text(14)),
            createdAt: try time(15), revocation: revocation, rotatedFrom: try optionalID(19),
            successor: try optionalID(20), overlapEndsAt: try optionalTime(21), lastUse: lastUse)
    }
}
