import KeybearerAdministration
import KeybearerVerification

extension SQLRecords {
    func find(_ search: KeySearch, in organization: OrganizationID, now: Timestamp) throws -> [KeyID] {
        // One statement an order: text that is put together at run time never becomes SQL.
        let sql: StaticString =
            switch search.order {
            case .newest:
                """
                SELECT k.id FROM api_key k
                WHERE k.organization_id = $1 AND ($2 = 'all' OR $2 = CASE
                        WHEN k.revoked_at IS NOT NULL OR k.overlap_ends_at <= $3 THEN 'revoked'
                        WHEN k.expires_at <= $3 THEN 'expired' ELSE 'active' END)
                    AND (CAST($4 AS TEXT) IS NULL OR lower(k.name) LIKE $4 ESCAPE '!')
                    AND (CAST($5 AS TEXT) IS NULL OR k.creator_id = $5)
                ORDER BY k.id DESC LIMIT $6 OFFSET $7
                """
            case .name:
                """
                SELECT k.id FROM api_key k
                WHERE k.organization_id = $1 AND ($2 = 'all' OR $2 = CASE
                        WHEN k.revoked_at IS NOT NULL OR k.overlap_ends_at <= $3 THEN 'revoked'
                        WHEN k.expires_at <= $3 THEN 'expired' ELSE 'active' END)
                    AND (CAST($4 AS TEXT) IS NULL OR lower(k.name) LIKE $4 ESCAPE '!')
                    AND (CAST($5 AS TEXT) IS NULL OR k.creator_id = $5)
                ORDER BY lower(k.name), k.id LIMIT $6 OFFSET $7
                """
            case .used:
                """
                SELECT k.id FROM api_key k LEFT JOIN key_last_use u ON u.key_id = k.id
                WHERE k.organization_id = $1 AND ($2 = 'all' OR $2 = CASE
                        WHEN k.revoked_at IS NOT NULL OR k.overlap_ends_at <= $3 THEN 'revoked'
                        WHEN k.expires_at <= $3 THEN 'expired' ELSE 'active' END)
                    AND (CAST($4 AS TEXT) IS NULL OR lower(k.name) LIKE $4 ESCAPE '!')
                    AND (CAST($5 AS TEXT) IS NULL OR k.creator_id = $5)
                ORDER BY u.at IS NULL, u.at DESC, k.id DESC LIMIT $6 OFFSET $7
                """
            case .expiry:
                """
                SELECT k.id FROM api_key k
                WHERE k.organization_id = $1 AND ($2 = 'all' OR $2 = CASE
                        WHEN k.revoked_at IS NOT NULL OR k.overlap_ends_at <= $3 THEN 'revoked'
                        WHEN k.expires_at <= $3 THEN 'expired' ELSE 'active' END)
                    AND (CAST($4 AS TEXT) IS NULL OR lower(k.name) LIKE $4 ESCAPE '!')
                    AND (CAST($5 AS TEXT) IS NULL OR k.creator_id = $5)
                ORDER BY k.expires_at IS NULL, k.expires_at, k.id LIMIT $6 OFFSET $7
                """
            }
        return try connection.rows(
            sql,
            [
                .text(organization), .text(search.status.rawValue), .time(now), .text(search.text.map(Self.pattern)),
                .text(search.createdBy), .number(search.limit), .number(search.offset),
            ]
        ).map { try $0.id(0) }
    }

    func keys(with reason: ReviewReason, in organization: OrganizationID, now: Timestamp, limit: Int) throws
        -> [KeyID]
    {
        let live: [SQLValue] = [.text(organization), .time(now), .number(limit)]
        let rows: [SQLRow] =
            switch reason {
            case .creatorLeft:
                try connection.rows(
                    """
                    SELECT k.id FROM api_key k
                    WHERE k.organization_id = $1 AND k.revoked_at IS NULL AND k.overlap_ends_at IS NULL
                        AND (k.expires_at IS NULL OR k.expires_at > $2) AND k.creator_kind = 'user'
                        AND k.creator_id IN (SELECT c.creator_id FROM api_key c WHERE c.organization_id = $1
                            EXCEPT SELECT m.user_id FROM member m WHERE m.organization_id = $1)
                    ORDER BY k.creator_id, k.id LIMIT $3
                    """, live)
            case .allowedEverything:
                try connection.rows(
                    """
                    SELECT k.id FROM api_key k
                    WHERE k.organization_id = $1 AND k.revoked_at IS NULL AND k.overlap_ends_at IS NULL
                        AND (k.expires_at IS NULL OR k.expires_at > $2)
                        AND k.permissions LIKE '%*:*%'
                    ORDER BY k.id LIMIT $3
                    """, live)
            case .allowedNothing:
                try connection.rows(
                    """
                    SELECT k.id FROM api_key k
                    WHERE k.organization_id = $1 AND k.revoked_at IS NULL AND k.overlap_ends_at IS NULL
                        AND (k.expires_at IS NULL OR k.expires_at > $2) AND k.permissions = ''
                    ORDER BY k.id LIMIT $3
                    """, live)
            case .expiring:
                try connection.rows(
                    """
                    SELECT k.id FROM api_key k
                    WHERE k.organization_id = $1 AND k.revoked_at IS NULL AND k.overlap_ends_at IS NULL
                        AND k.expires_at > $2 AND k.expires_at <= $4
                    ORDER BY k.expires_at, k.id LIMIT $3
                    """, live + [.time(now.adding(seconds: 14 * 86_400))])
            case .unused:
                try connection.rows(
                    """
                    SELECT k.id FROM api_key k JOIN key_last_use u ON u.key_id = k.id
                    WHERE k.organization_id = $1 AND k.revoked_at IS NULL AND k.overlap_ends_at IS NULL
                        AND (k.expires_at IS NULL OR k.expires_at > $2) AND u.organization_id = $1 AND u.at < $4
                    ORDER BY u.at, k.id LIMIT $3
                    """, live + [.time(now.adding(seconds: -30 * 86_400))])
            case .neverUsed:
                try connection.rows(
                    """
                    SELECT k.id FROM api_key k
                    WHERE k.organization_id = $1 AND k.revoked_at IS NULL AND k.overlap_ends_at IS NULL
                        AND (k.expires_at IS NULL OR k.expires_at > $2)
                        AND NOT EXISTS (SELECT 1 FROM key_last_use u WHERE u.key_id = k.id)
                    ORDER BY k.id LIMIT $3
                    """, live)
            }
        return try rows.map { try $0.id(0) }
    }

    /// The text anywhere in a name, with nothing in it read as a wildcard. Only ASCII changes case, as SQLite's does.
    private static func pattern(_ text: String) -> String {
        var pattern = "%"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "%", "_", "!": pattern += "!\(scalar)"
            case "A"..."Z": pattern.unicodeScalars.append(Unicode.Scalar(UInt8(scalar.value) + 0x20))
            default: pattern.unicodeScalars.append(scalar)
            }
        }
        return pattern + "%"
    }
}
