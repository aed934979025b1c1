/// A table as it moves from a file to a server: read in the order of its key, written as it was.
struct MovedTable: Sendable {
    let name: String
    let count: StaticString
    /// The rows behind the one whose first columns are given, as many as fit into one transaction.
    let select: StaticString
    /// What comes before every row's first columns.
    let start: [SQLValue]
    let insert: StaticString
    /// How many of the first columns are only read for the order.
    var unwritten = 0

    static let rowsAtOnce = 500
}

extension MovedTable {
    /// Every table that holds data, those that others refer to first. The change log is not among them: the server's
    /// begins with one row that makes every memory begin anew.
    static let all = places + keys + use + credentials + audit

    private static let places = [
        MovedTable(
            name: "organization", count: "SELECT count(*) FROM organization",
            select: """
                SELECT id, slug, name, plan, is_suspended, created_at, deleted_at FROM organization
                WHERE id > $1 ORDER BY id LIMIT 500
                """, start: [.text("")],
            insert: """
                INSERT INTO organization (id, slug, name, plan, is_suspended, created_at, deleted_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """),
        MovedTable(
            name: "person", count: "SELECT count(*) FROM person",
            select: """
                SELECT id, email, name, password_hash, is_verified, is_disabled, created_at FROM person
                WHERE id > $1 ORDER BY id LIMIT 500
                """, start: [.text("")],
            insert: """
                INSERT INTO person (id, email, name, password_hash, is_verified, is_disabled, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """),
        MovedTable(
            name: "member", count: "SELECT count(*) FROM member",
            select: """
                SELECT organization_id, user_id, role, grants, joined_at FROM member
                WHERE (organization_id, user_id) > ($1, $2) ORDER BY organization_id, user_id LIMIT 500
                """, start: [.text(""), .text("")],
            insert: """
                INSERT INTO member (organization_id, user_id, role, grants, joined_at) VALUES ($1, $2, $3, $4, $5)
                """),
        MovedTable(
            name: "role", count: "SELECT count(*) FROM role",
            select: """
                SELECT organization_id, name, permissions, created_at FROM role
                WHERE (organization_id, name) > ($1, $2) ORDER BY organization_id, name LIMIT 500
                """, start: [.text(""), .text("")],
            insert: "INSERT INTO role (organization_id, name, permissions, created_at) VALUES ($1, $2, $3, $4)"),
    ]

    private static let keys = [
        MovedTable(
            name: "api_key", count: "SELECT count(*) FROM api_key",
            select: """
                SELECT id, organization_id, name, digest, pepper_id, preview, permissions, allowed_ips, is_disabled,
                    expires_at, rate_requests, rate_window_seconds, creator_kind, creator_id, creator_name, created_at,
                    revoked_at, revoked_by, revoke_reason, rotated_from, successor, overlap_ends_at FROM api_key
                WHERE id > $1 ORDER BY id LIMIT 500
                """, start: [.text("")],
            insert: """
                INSERT INTO api_key (id, organization_id, name, digest, pepper_id, preview, permissions, allowed_ips,
                    is_disabled, expires_at, rate_requests, rate_window_seconds, creator_kind, creator_id,
                    creator_name, created_at, revoked_at, revoked_by, revoke_reason, rotated_from, successor,
                    overlap_ends_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
                    $22)
                """),
        MovedTable(
            name: "api_key_label", count: "SELECT count(*) FROM api_key_label",
            select: """
                SELECT key_id, name, organization_id, value FROM api_key_label
                WHERE (key_id, name) > ($1, $2) ORDER BY key_id, name LIMIT 500
                """, start: [.text(""), .text("")],
            insert: "INSERT INTO api_key_label (key_id, name, organization_id, value) VALUES ($1, $2, $3, $4)"),
    ]

    private static let use = [
        MovedTable(
            name: "key_last_use", count: "SELECT count(*) FROM key_last_use",
            select: """
                SELECT key_id, organization_id, at, address FROM key_last_use
                WHERE key_id > $1 ORDER BY key_id LIMIT 500
                """, start: [.text("")],
            insert: "INSERT INTO key_last_use (key_id, organization_id, at, address) VALUES ($1, $2, $3, $4)"),
        MovedTable(
            name: "usage_hourly", count: "SELECT count(*) FROM usage_hourly",
            select: """
                SELECT key_id, hour, verdict, organization_id, count FROM usage_hourly
                WHERE (key_id, hour, verdict) > ($1, $2, $3) ORDER BY key_id, hour, verdict LIMIT 500
                """, start: [.text(""), .integer(.min), .text("")],
            insert: """
                INSERT INTO usage_hourly (key_id, hour, verdict, organization_id, count) VALUES ($1, $2, $3, $4, $5)
                """),
        MovedTable(
            name: "permission_last_use", count: "SELECT count(*) FROM permission_last_use",
            select: """
                SELECT key_id, permission, organization_id, hour FROM permission_last_use
                WHERE (key_id, permission) > ($1, $2) ORDER BY key_id, permission LIMIT 500
                """, start: [.text(""), .text("")],
            insert: """
                INSERT INTO permission_last_use (key_id, permission, organization_id, hour) VALUES ($1, $2, $3, $4)
                """),
        MovedTable(
            name: "key_denial", count: "SELECT count(*) FROM key_denial",
            select: """
                SELECT number, key_id, organization_id, at, verdict, address, permission FROM key_denial
                WHERE number > $1 ORDER BY number LIMIT 500
                """, start: [.integer(.min)],
            insert: """
                INSERT INTO key_denial (key_id, organization_id, at, verdict, address, permission)
                VALUES ($1, $2, $3, $4, $5, $6)
                """, unwritten: 1),
    ]
}
