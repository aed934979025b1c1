import KeybearerAdministration
import KeybearerVerification

extension SQLRecords: PeopleRecords {
    func user(_ reference: UserReference) throws -> User? {
        let row =
            switch reference {
            case .id(let id): try connection.row(SQLQuestion.userByID, [.text(id)])
            case .email(let email): try connection.rows(.user(email)).first
            }
        return try row?.user(from: 0)
    }

    func users(_ page: Page<UserID>) throws -> [User] {
        try connection.rows(
            """
            SELECT id, email, name, password_hash, is_verified, is_disabled, created_at FROM person
            WHERE id < coalesce($1, '~') ORDER BY id DESC LIMIT $2
            """, [.text(page.after), .number(page.limit)]
        ).map { try $0.user(from: 0) }
    }

    func member(_ user: UserID, of organization: OrganizationID) throws -> Member? {
        try connection.row(SQLQuestion.memberByIDs, [.text(organization), .text(user)])?.member()
    }

    func members(of organization: OrganizationID, _ page: Page<UserID>) throws -> [MemberWithUser] {
        try connection.rows(
            """
            SELECT m.organization_id, m.user_id, m.role, m.grants, m.joined_at,
                p.id, p.email, p.name, p.password_hash, p.is_verified, p.is_disabled, p.created_at
            FROM member m JOIN person p ON p.id = m.user_id
            WHERE m.organization_id = $1 AND m.user_id < coalesce($2, '~') ORDER BY m.user_id DESC LIMIT $3
            """, [.text(organization), .text(page.after), .number(page.limit)]
        ).map { MemberWithUser(member: try $0.member(), user: try $0.user(from: 5)) }
    }

    func memberships(of user: UserID) throws -> [Member] {
        try connection.exclude(.person(user))
        return try connection.rows(
            "SELECT organization_id, user_id, role, grants, joined_at FROM member WHERE user_id = $1", [.text(user)]
        ).map { try $0.member() }
    }

    func ownerCount(of organization: OrganizationID) throws -> Int {
        try connection.exclude(.organization(organization))
        let row = try connection.row(
            """
            SELECT count(*) FROM member m JOIN person p ON p.id = m.user_id
            WHERE m.organization_id = $1 AND m.role = 'owner' AND p.is_disabled = 0
            """, [.text(organization)])
        return Int(try row?.integer(0) ?? 0)
    }

    func role(_ name: RoleName, of organization: OrganizationID) throws -> CustomRole? {
        try connection.row(
            "SELECT organization_id, name, permissions, created_at FROM role WHERE organization_id = $1 AND name = $2",
            [.text(organization), .text(name)])?.role()
    }

    func roles(of organization: OrganizationID) throws -> [CustomRole] {
        try connection.rows(
            "SELECT organization_id, name, permissions, created_at FROM role WHERE organization_id = $1 ORDER BY name",
            [.text(organization)]
        ).map { try $0.role() }
    }

    func hasMember(withRole name: RoleName, in organization: OrganizationID) throws -> Bool {
        try connection.exclude(.organization(organization))
        return try connection.row(
            "SELECT 1 FROM member WHERE organization_id = $1 AND role = $2 LIMIT 1",
            [.text(organization), .text(name)]) != nil
    }

    func invitation(_ id: InvitationID, of organization: OrganizationID) throws -> Invitation? {
        try connection.row(
            """
            SELECT id, organization_id, email, role, token_digest, invited_by, created_at, expires_at, accepted_at
            FROM invitation WHERE organization_id = $1 AND id = $2
            """, [.text(organization), .text(id)])?.invitation()
    }

    func invitation(withToken digest: KeyDigest) throws -> Invitation? {
        try connection.exclude(.secret(digest))
        return try connection.row(
            """
            SELECT id, organization_id, email, role, token_digest, invited_by, created_at, expires_at, accepted_at
            FROM invitation WHERE token_digest = $1
            """, [.digest(digest)])?.invitation()
    }

    func openInvitations(of organization: OrganizationID, _ page: Page<InvitationID>, now: Timestamp) throws
        -> [Invitation]
    {
        try connection.rows(
            """
            SELECT id, organization_id, email, role, token_digest, invited_by, created_at, expires_at, accepted_at
            FROM invitation
            WHERE organization_id = $1 AND accepted_at IS NULL AND expires_at > $2 AND id < coalesce($3, '~')
            ORDER BY id DESC LIMIT $4
            """, [.text(organization), .time(now), .text(page.after), .number(page.limit)]
        ).map { try $0.invitation() }
    }
}

extension SQLRow {
    fileprivate func user(from first: Int) throws -> User {
        User(
            id: try id(first), email: try parsed(first + 1) { EmailAddress($0) }, name: try text(first + 2),
            passwordHash: try optionalText(first + 3), isVerified: try flag(first + 4),
            isDisabled: try flag(first + 5), createdAt: try time(first + 6))
    }

    fileprivate func member() throws -> Member {
        Member(
            organization: try id(0), user: try id(1), role: try parsed(2) { RoleName($0) },
            grants: try list(3) { Permission($0) }, joinedAt: try time(4))
    }

    fileprivate func role() throws -> CustomRole {
        CustomRole(
            organization: try id(0), name: try parsed(1) { RoleName($0) },
            permissions: try list(2) { Permission($0) }, createdAt: try time(3))
    }

    fileprivate func invitation() throws -> Invitation {
        Invitation(
            id: try id(0), organization: try id(1), email: try parsed(2) { EmailAddress($0) },
            role: try parsed(3) { RoleName($0) }, tokenDigest: try digest(4), invitedBy: try text(5),
            createdAt: try time(6), expiresAt: try time(7), acceptedAt: try optionalTime(8))
    }
}
