import KeybearerAdministration
import KeybearerVerification

extension Connection {
    func applyToPeople(_ change: Change) throws {
        switch change {
        case .insertOrganization(let organization):
            try run(
                """
                INSERT INTO organization (id, slug, name, plan, is_suspended, created_at, deleted_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    .text(organization.id), .text(organization.slug), .text(organization.name),
                    .text(organization.plan), .flag(organization.isSuspended), .time(organization.createdAt),
                    .time(organization.deletedAt),
                ])
        case .updateOrganization(let organization):
            try run(
                "UPDATE organization SET name = $2, plan = $3, is_suspended = $4, deleted_at = $5 WHERE id = $1",
                [
                    .text(organization.id), .text(organization.name), .text(organization.plan),
                    .flag(organization.isSuspended), .time(organization.deletedAt),
                ])
        case .insertUser(let user):
            try run(
                """
                INSERT INTO person (id, email, name, password_hash, is_verified, is_disabled, created_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    .text(user.id), .text(user.email), .text(user.name), .text(user.passwordHash),
                    .flag(user.isVerified), .flag(user.isDisabled), .time(user.createdAt),
                ])
        case .updateUser(let user):
            try run(
                "UPDATE person SET name = $2, password_hash = $3, is_verified = $4, is_disabled = $5 WHERE id = $1",
                [
                    .text(user.id), .text(user.name), .text(user.passwordHash), .flag(user.isVerified),
                    .flag(user.isDisabled),
                ])
        case .putMember(let member):
            try run(
                """
                INSERT INTO member (organization_id, user_id, role, grants, joined_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role, grants = excluded.grants
                """,
                [
                    .text(member.organization), .text(member.user), .text(member.role), .list(member.grants),
                    .time(member.joinedAt),
                ])
        case .removeMember(let user, let organization):
            try run(
                "DELETE FROM member WHERE organization_id = $1 AND user_id = $2", [.text(organization), .text(user)])
        case .putRole(let role):
            try run(
                """
                INSERT INTO role (organization_id, name, permissions, created_at) VALUES ($1, $2, $3, $4)
                ON CONFLICT (organization_id, name) DO UPDATE SET permissions = excluded.permissions
                """, [.text(role.organization), .text(role.name), .list(role.permissions), .time(role.createdAt)])
        case .removeRole(let name, let organization):
            try run("DELETE FROM role WHERE organization_id = $1 AND name = $2", [.text(organization), .text(name)])
        case .insertInvitation(let invitation):
            try run(
                """
                INSERT INTO invitation (id, organization_id, email, role, token_digest, invited_by, created_at,
                    expires_at, accepted_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                [
                    .text(invitation.id), .text(invitation.organization), .text(invitation.email),
                    .text(invitation.role), .digest(invitation.tokenDigest), .text(invitation.invitedBy),
                    .time(invitation.createdAt), .time(invitation.expiresAt), .time(invitation.acceptedAt),
                ])
        case .acceptInvitation(let id, let at):
            try run("UPDATE invitation SET accepted_at = $2 WHERE id = $1", [.text(id), .time(at)])
        case .removeInvitation(let id, let organization):
            try run(
                "DELETE FROM invitation WHERE organization_id = $1 AND id = $2", [.text(organization), .text(id)])
        default: break
        }
    }
}
