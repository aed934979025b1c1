extension MovedTable {
    static let credentials = [
        MovedTable(
            name: "session", count: "SELECT count(*) FROM session",
            select: """
                SELECT id, user_id, kind, token_digest, created_at, expires_at, last_seen_at, address, organization_id,
                    via_operator FROM session WHERE id > $1 ORDER BY id LIMIT 500
                """, start: [.text("")],
            insert: """
                INSERT INTO session (id, user_id, kind, token_digest, created_at, expires_at, last_seen_at, address,
                    organization_id, via_operator)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """),
        MovedTable(
            name: "operator_token", count: "SELECT count(*) FROM operator_token",
            select: """
                SELECT id, name, token_digest, is_read_only, allowed_ips, created_at, expires_at, revoked_at
                FROM operator_token WHERE id > $1 ORDER BY id LIMIT 500
                """, start: [.text("")],
            insert: """
                INSERT INTO operator_token (id, name, token_digest, is_read_only, allowed_ips, created_at, expires_at,
                    revoked_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """),
        MovedTable(
            name: "invitation", count: "SELECT count(*) FROM invitation",
            select: """
                SELECT id, organization_id, email, role, token_digest, invited_by, created_at, expires_at, accepted_at
                FROM invitation WHERE id > $1 ORDER BY id LIMIT 500
                """, start: [.text("")],
            insert: """
                INSERT INTO invitation (id, organization_id, email, role, token_digest, invited_by, created_at,
                    expires_at, accepted_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """),
        MovedTable(
            name: "sign_in_link", count: "SELECT count(*) FROM sign_in_link",
            select: """
                SELECT token_digest, user_id, organization_id, via_operator, expires_at, used_at FROM sign_in_link
                WHERE token_digest > $1 ORDER BY token_digest LIMIT 500
                """, start: [.blob([])],
            insert: """
                INSERT INTO sign_in_link (token_digest, user_id, organization_id, via_operator, expires_at, used_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """),
        MovedTable(
            name: "remembered_answer", count: "SELECT count(*) FROM remembered_answer",
            select: """
                SELECT claim, body_digest, status, answer, expires_at FROM remembered_answer
                WHERE claim > $1 ORDER BY claim LIMIT 500
                """, start: [.blob([])],
            insert: """
                INSERT INTO remembered_answer (claim, body_digest, status, answer, expires_at)
                VALUES ($1, $2, $3, $4, $5)
                """),
        MovedTable(
            name: "device_login", count: "SELECT count(*) FROM device_login",
            select: """
                SELECT device_code_digest, user_code_digest, client, address, origin, created_at, expires_at, state,
                    approved_by, organization_id, via_operator FROM device_login
                WHERE device_code_digest > $1 ORDER BY device_code_digest LIMIT 500
                """, start: [.blob([])],
            insert: """
                INSERT INTO device_login (device_code_digest, user_code_digest, client, address, origin, created_at,
                    expires_at, state, approved_by, organization_id, via_operator)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                """),
    ]

    static let audit = [
        MovedTable(
            name: "audit_checkpoint", count: "SELECT count(*) FROM audit_checkpoint",
            select: """
                SELECT chain, position, hash, at, seal FROM audit_checkpoint WHERE chain > $1 ORDER BY chain LIMIT 500
                """, start: [.text("")],
            insert: "INSERT INTO audit_checkpoint (chain, position, hash, at, seal) VALUES ($1, $2, $3, $4, $5)"),
        MovedTable(
            name: "audit_event", count: "SELECT count(*) FROM audit_event",
            select: """
                SELECT chain, position, id, at, actor, via, address, action, target, outcome, count, details, previous,
                    hash FROM audit_event
                WHERE (chain, position) > ($1, $2) ORDER BY chain, position LIMIT 500
                """, start: [.text(""), .integer(0)],
            insert: """
                INSERT INTO audit_event (chain, position, id, at, actor, via, address, action, target, outcome, count,
                    details, previous, hash)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                """),
    ]
}
