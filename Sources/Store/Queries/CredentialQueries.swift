import KeybearerAdministration
import KeybearerVerification

extension SQLRecords: CredentialRecords {
    func session(withToken digest: KeyDigest) throws -> Session? {
        try connection.row(
            """
            SELECT id, user_id, kind, token_digest, created_at, expires_at, last_seen_at, address, organization_id,
                via_operator
            FROM session WHERE token_digest = $1
            """, [.digest(digest)])?.session()
    }

    func sessions(of user: UserID, now: Timestamp) throws -> [Session] {
        try connection.rows(
            """
            SELECT id, user_id, kind, token_digest, created_at, expires_at, last_seen_at, address, organization_id,
                via_operator
            FROM session WHERE user_id = $1 AND expires_at > $2 ORDER BY id DESC
            """, [.text(user), .time(now)]
        ).map { try $0.session() }
    }

    func operatorToken(withToken digest: KeyDigest) throws -> OperatorToken? {
        try connection.row(
            """
            SELECT id, name, token_digest, is_read_only, allowed_ips, created_at, expires_at, revoked_at
            FROM operator_token WHERE token_digest = $1
            """, [.digest(digest)])?.operatorToken()
    }

    func operatorTokens() throws -> [OperatorToken] {
        try connection.rows(
            """
            SELECT id, name, token_digest, is_read_only, allowed_ips, created_at, expires_at, revoked_at
            FROM operator_token ORDER BY id DESC
            """, []
        ).map { try $0.operatorToken() }
    }

    func signInLink(withToken digest: KeyDigest) throws -> SignInLink? {
        try connection.exclude(.secret(digest))
        return try connection.row(
            """
            SELECT token_digest, user_id, organization_id, via_operator, expires_at, used_at
            FROM sign_in_link WHERE token_digest = $1
            """, [.digest(digest)]
        ).map {
            SignInLink(
                tokenDigest: try $0.digest(0), user: try $0.id(1), organization: try $0.id(2),
                viaOperator: try $0.text(3), expiresAt: try $0.time(4), usedAt: try $0.optionalTime(5))
        }
    }

    func idempotencyRecord(_ claim: KeyDigest) throws -> IdempotencyRecord? {
        try connection.exclude(.secret(claim))
        return try connection.row(
            "SELECT claim, body_digest, status, answer, expires_at FROM remembered_answer WHERE claim = $1",
            [.digest(claim)]
        ).map {
            IdempotencyRecord(
                claim: try $0.digest(0), bodyDigest: try $0.digest(1), status: Int(try $0.integer(2)),
                answer: try $0.blob(3), expiresAt: try $0.time(4))
        }
    }
}

extension SQLRow {
    fileprivate func session() throws -> Session {
        Session(
            id: try id(0), user: try id(1), kind: try parsed(2) { Session.Kind(rawValue: $0) },
            tokenDigest: try digest(3), createdAt: try time(4), expiresAt: try time(5), lastSeenAt: try time(6),
            address: try optionalAddress(7), organization: try optionalID(8), viaOperator: try optionalText(9))
    }

    fileprivate func operatorToken() throws -> OperatorToken {
        OperatorToken(
            id: try id(0), name: try text(1), tokenDigest: try digest(2), isReadOnly: try flag(3),
            allowedIPs: try list(4) { CIDRBlock($0) }, createdAt: try time(5), expiresAt: try optionalTime(6),
            revokedAt: try optionalTime(7))
    }
}
