import KeybearerAdministration
import KeybearerVerification

extension Connection {
    /// Writes one change.
    func apply(_ change: Change, at now: Timestamp) throws {
        switch change {
        case .insertKey(let key): try insert(key)
        case .updateKey(let key): try update(key)
        case .insertOrganization, .updateOrganization, .insertUser, .updateUser, .putMember, .removeMember, .putRole,
            .removeRole, .insertInvitation, .acceptInvitation, .removeInvitation:
            try applyToPeople(change)
        case .insertSession, .touchSession, .endSession, .endSessions, .insertOperatorToken, .revokeOperatorToken,
            .insertSignInLink, .useSignInLink, .remember, .forgetExpired:
            try applyToCredentials(change)
        case .insertDeviceLogin, .updateDeviceLogin, .removeDeviceLogin: try applyToDeviceLogins(change)
        case .appendAudit(let event): try append(event)
        case .pruneAudit(let checkpoint): try prune(upTo: checkpoint)
        case .pruneUsage(let moment, let limit): try pruneUsage(before: moment, limit: limit)
        case .applyConfiguration(let digest): try adopt(digest, at: now)
        }
    }

    private func append(_ event: AuditEvent) throws {
        try run(
            """
            INSERT INTO audit_event (id, chain, position, at, actor, via, address, action, target, outcome, count,
                details, previous, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            [
                .text(event.id), .text(event.chain), .integer(event.position), .time(event.at), .text(event.actor),
                .text(event.via), .text(event.address), .text(event.action), .text(event.target),
                .text(event.outcome), .integer(event.count), .text(event.details), .blob(event.previous.bytes),
                .blob(event.hash.bytes),
            ])
    }
}
