import KeybearerAdministration
import KeybearerVerification

extension Connection {
    func insert(_ key: APIKey) throws {
        try run(
            """
            INSERT INTO api_key (id, organization_id, name, digest, pepper_id, preview, permissions, allowed_ips,
                is_disabled, expires_at, rate_requests, rate_window_seconds, creator_kind, creator_id, creator_name,
                created_at, revoked_at, revoked_by, revoke_reason, rotated_from, successor, overlap_ends_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
            """,
            [
                .text(key.id), .text(key.organization), .text(key.name), .blob(key.digest.bytes),
                .text(key.digest.pepperID), .text(key.preview), .list(key.permissions), .list(key.allowedIPs),
                .flag(key.isDisabled), .time(key.expiresAt), key.rateLimit.map { .number($0.requests) } ?? .null,
                key.rateLimit.map { .number($0.windowSeconds) } ?? .null, .text(key.createdBy.kind.rawValue),
                .text(key.createdBy.id), .text(key.createdBy.name), .time(key.createdAt), .time(key.revocation?.at),
                .text(key.revocation?.by), .text(key.revocation?.reason), .text(key.rotatedFrom),
                .text(key.successor), .time(key.overlapEndsAt),
            ])
        try insertLabels(of: key)
    }

    func update(_ key: APIKey) throws {
        try run(
            """
            UPDATE api_key SET name = $3, permissions = $4, allowed_ips = $5, is_disabled = $6, expires_at = $7,
                rate_requests = $8, rate_window_seconds = $9, revoked_at = $10, revoked_by = $11, revoke_reason = $12,
                successor = $13, overlap_ends_at = $14
            WHERE organization_id = $1 AND id = $2
            """,
            [
                .text(key.organization), .text(key.id), .text(key.name), .list(key.permissions), .list(key.allowedIPs),
                .flag(key.isDisabled), .time(key.expiresAt), key.rateLimit.map { .number($0.requests) } ?? .null,
                key.rateLimit.map { .number($0.windowSeconds) } ?? .null, .time(key.revocation?.at),
                .text(key.revocation?.by), .text(key.revocation?.reason), .text(key.successor),
                .time(key.overlapEndsAt),
            ])
        try run(
            "DELETE FROM api_key_label WHERE organization_id = $1 AND key_id = $2",
            [.text(key.organization), .text(key.id)])
        try insertLabels(of: key)
    }

    private func insertLabels(of key: APIKey) throws {
        for label in key.labels {
            try run(
                "INSERT INTO api_key_label (key_id, organization_id, name, value) VALUES ($1, $2, $3, $4)",
                [.text(key.id), .text(key.organization), .text(label.key), .text(label.value)])
        }
    }
}
