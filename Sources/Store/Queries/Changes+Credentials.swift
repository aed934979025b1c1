import KeybearerAdministration
import KeybearerVerification

extension Connection {
    func applyToCredentials(_ change: Change) throws {
        switch change {
        case .insertSession(let session):
            try run(
                """
                INSERT INTO session (id, user_id, kind, token_digest, created_at, expires_at, last_seen_at, address,
                    organization_id, via_operator)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                [
                    .text(session.id), .text(session.user), .text(session.kind.rawValue), .digest(session.tokenDigest),
                    .time(session.createdAt), .time(session.expiresAt), .time(session.lastSeenAt),
                    .text(session.address), .text(session.organization), .text(session.viaOperator),
                ])
        case .touchSession(let id, let at):
            try run("UPDATE session SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2", [.text(id), .time(at)])
        case .endSession(let id): try run("DELETE FROM session WHERE id = $1", [.text(id)])
        case .endSessions(let user, let kept):
            try run("DELETE FROM session WHERE user_id = $1 AND (id <> $2 OR $2 IS NULL)", [.text(user), .text(kept)])
            try run("DELETE FROM device_login WHERE approved_by = $1", [.text(user)])
        case .insertOperatorToken(let token):
            try run(
                """
                INSERT INTO operator_token (id, name, token_digest, is_read_only, allowed_ips, created_at, expires_at,
                    revoked_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                """,
                [
                    .text(token.id), .text(token.name), .digest(token.tokenDigest), .flag(token.isReadOnly),
                    .list(token.allowedIPs), .time(token.createdAt), .time(token.expiresAt), .time(token.revokedAt),
                ])
        case .revokeOperatorToken(let id, let at):
            try run(
                "UPDATE operator_token SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL",
                [.text(id), .time(at)])
        case .insertSignInLink(let link):
            try run(
                """
                INSERT INTO sign_in_link (token_digest, user_id, organization_id, via_operator, expires_at, used_at)
                VALUES ($1, $2, $3, $4, $5, $6)
                """,
                [
                    .digest(link.tokenDigest), .text(link.user), .text(link.organization), .text(link.viaOperator),
                    .time(link.expiresAt), .time(link.usedAt),
                ])
        case .useSignInLink(let digest, let at):
            try run("UPDATE sign_in_link SET used_at = $2 WHERE token_digest = $1", [.digest(digest), .time(at)])
        case .remember(let record):
            try run(
                """
                INSERT INTO remembered_answer (claim, body_digest, status, answer, expires_at)
                VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (claim) DO UPDATE SET body_digest = excluded.body_digest, status = excluded.status,
                    answer = excluded.answer, expires_at = excluded.expires_at
                """,
                [
                    .digest(record.claim), .digest(record.bodyDigest), .number(record.status), .blob(record.answer),
                    .time(record.expiresAt),
                ])
        case .forgetExpired(let moment):
            try run("DELETE FROM session WHERE expires_at < $1", [.time(moment)])
            try run("DELETE FROM sign_in_link WHERE expires_at < $1", [.time(moment)])
            try run("DELETE FROM device_login WHERE expires_at < $1", [.time(moment)])
            try run("DELETE FROM invitation WHERE expires_at < $1", [.time(moment)])
            try run("DELETE FROM remembered_answer WHERE expires_at < $1", [.time(moment)])
        default: break
        }
    }
}
