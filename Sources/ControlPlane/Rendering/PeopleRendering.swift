import KeybearerAPI
import KeybearerAdministration
import KeybearerVerification

extension UserResource {
    init(_ user: User) { self.init(id: user.id.description, email: user.email.description, name: user.name) }
}

extension MemberResource {
    init(_ member: MemberWithUser, permissions: PermissionSet) {
        self.init(
            user: UserResource(member.user), role: member.member.role.description,
            grants: member.member.grants.map(\.description),
            permissions: permissions.permissions.map(\.description), joinedAt: member.member.joinedAt.description)
    }
}

extension InvitationResource {
    init(_ invitation: Invitation) {
        self.init(
            id: invitation.id.description, email: invitation.email.description, role: invitation.role.description,
            invitedBy: invitation.invitedBy, createdAt: invitation.createdAt.description,
            expiresAt: invitation.expiresAt.description)
    }
}

extension SessionResource {
    init(_ session: Session, isCurrent: Bool) {
        self.init(
            id: session.id.description, kind: session.kind.rawValue, isCurrent: isCurrent,
            createdAt: session.createdAt.description, lastSeenAt: session.lastSeenAt.description,
            expiresAt: session.expiresAt.description, ip: session.address?.description,
            organization: session.organization?.description, via: session.viaOperator.map { "operator:\($0)" })
    }
}
