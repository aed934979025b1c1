import KeybearerAdministration
import KeybearerVerification

extension SQLRecords: AuditRecords {
    func auditHead(of chain: AuditChain) throws -> AuditHead? {
        try connection.exclude(.chain(chain))
        return try connection.row(
            """
            SELECT chain, position, hash FROM audit_event
            WHERE chain = $1 AND position = (SELECT max(position) FROM audit_event WHERE chain = $1)
            UNION ALL SELECT chain, position, hash FROM audit_checkpoint
            WHERE chain = $1 AND NOT EXISTS (SELECT 1 FROM audit_event WHERE chain = $1)
            """, [.text(chain)])?.auditHead()
    }

    func auditHeads() throws -> [AuditHead] {
        try connection.rows(
            """
            SELECT e.chain, e.position, e.hash FROM audit_event e
            JOIN (SELECT chain, max(position) AS position FROM audit_event GROUP BY chain) last
                ON last.chain = e.chain AND last.position = e.position
            UNION ALL
            SELECT c.chain, c.position, c.hash FROM audit_checkpoint c
            WHERE NOT EXISTS (SELECT 1 FROM audit_event e WHERE e.chain = c.chain)
            ORDER BY 1
            """, []
        ).map { try $0.auditHead() }
    }

    func auditEvents(_ query: AuditQuery, before: Int64?, limit: Int) throws -> [AuditEvent] {
        try connection.rows(
            """
            SELECT id, chain, position, at, actor, via, address, action, target, outcome, count, details, previous, hash
            FROM audit_event
            WHERE chain = $1 AND position < coalesce($2, 9223372036854775807) AND (action = $3 OR $3 IS NULL)
                AND (actor = $4 OR $4 IS NULL) AND (at >= $5 OR $5 IS NULL) AND (at < $6 OR $6 IS NULL)
                AND (target = $8 OR $8 IS NULL)
            ORDER BY position DESC LIMIT $7
            """,
            [
                .text(query.chain), before.map { .integer($0) } ?? .null, .text(query.action), .text(query.actor),
                .time(query.from), .time(query.to), .number(limit), .text(query.target),
            ]
        ).map { try $0.auditEvent() }
    }

    func auditEvents(of chain: AuditChain, after position: Int64, limit: Int) throws -> [AuditEvent] {
        try connection.rows(
            """
            SELECT id, chain, position, at, actor, via, address, action, target, outcome, count, details, previous, hash
            FROM audit_event WHERE chain = $1 AND position > $2 ORDER BY position LIMIT $3
            """, [.text(chain), .integer(position), .number(limit)]
        ).map { try $0.auditEvent() }
    }
}

extension SQLRow {
    func chainHash(_ column: Int) throws -> ChainHash {
        guard let hash = ChainHash(bytes: try blob(column)) else { throw CorruptRow(column: column) }
        return hash
    }

    fileprivate func auditHead() throws -> AuditHead {
        AuditHead(chain: try parsed(0) { AuditChain($0) }, position: try integer(1), hash: try chainHash(2))
    }

    fileprivate func auditEvent() throws -> AuditEvent {
        AuditEvent(
            id: try id(0), chain: try parsed(1) { AuditChain($0) }, position: try integer(2), at: try time(3),
            actor: try text(4), via: try optionalText(5), address: try optionalAddress(6), action: try text(7),
            target: try optionalText(8), outcome: try text(9), count: try integer(10), details: try text(11),
            previous: try chainHash(12), hash: try chainHash(13))
    }
}
