import KeybearerVerification

/// What accepting an invitation led to.
public struct AcceptedInvitation: Sendable {
    public let organization: Organization
    public let user: User
    public let member: Member
}

extension Administration {
    /// Invitations can be accepted for 7 days.
    static let invitationSeconds: Int64 = 7 * 86_400

    public func invitations(_ page: Page<InvitationID>, _ permit: OrganizationPermit) async throws -> [Invitation] {
        let organization = permit.scope.organization.id
        let now = clock.now()
        return try await ledger.read { try $0.openInvitations(of: organization, page, now: now) }
    }

    /// Makes a link by which one person can join, once.
    ///
    /// - Throws: `Failure` `invalid_email`, `unknown_role`, `permission_escalation`, `owner_required`, `already_member`.
    public func createInvitation(
        email: String, role: String, _ permit: OrganizationPermit, remembering: Remembering<Invitation>? = nil
    ) async throws -> InvitationAnswer {
        var random = SystemRandomNumberGenerator()
        let token = Secret.linkToken(using: &random)
        let digest = token.digest
        let id = InvitationID(at: clock.now(), using: &random)
        let organization = permit.scope.organization.id
        let answer = try await once(remembering, caller: permit.caller, organization: organization) { claim in
            let person = EmailAddress(email).map { [Question.user(.email($0))] } ?? []
            let questions = (claim?.questions ?? []) + person
            return try await commit(permit, expecting: { _ in questions }) {
                [validation, authorization] writing, permit in
                if let record = try claim?.replay(writing.records, now: writing.now) {
                    return Answer<Invitation>.replayed(record)
                }
                let email = try validation.email(email)
                let policy = PeoplePolicy(authorization: authorization, permit: permit, records: writing.records)
                let role = try policy.role(named: role)
                try policy.mustBeAllowed(toGive: role, in: organization)
                if let user = try writing.records.user(.email(email)),
                    try writing.records.member(user.id, of: organization) != nil
                {
                    throw Failure(.alreadyMember, "This person is a member already.")
                }
                let invitation = Invitation(
                    id: id, organization: organization, email: email, role: role, tokenDigest: digest,
                    invitedBy: permit.caller.actor, createdAt: writing.now,
                    expiresAt: writing.now.adding(seconds: Self.invitationSeconds))
                writing.write(.insertInvitation(invitation))
                try writing.audit(
                    permit, target: id.description,
                    ["email": .text(email.description), "role": .text(role.description)])
                claim?.remember(invitation, in: &writing)
                return .fresh(invitation)
            }.value
        }
        switch answer {
        case .fresh(let invitation):
            return .issued(IssuedInvitation(invitation: invitation, token: token, publicURL: rules.publicURL))
        case .replayed(let record): return .replayed(record)
        }
    }

    /// - Throws: `Failure` `not_found`.
    public func removeInvitation(_ id: InvitationID, _ permit: OrganizationPermit) async throws {
        _ = try await commit(permit) { writing, permit in
            let organization = permit.scope.organization.id
            guard let invitation = try writing.records.invitation(id, of: organization), invitation.acceptedAt == nil
            else { throw Failure.notFound }
            writing.write(.removeInvitation(id, of: organization))
            try writing.audit(permit, target: id.description, ["email": .text(invitation.email.description)])
        }
    }

    /// Joins the organization that a link invites to.
    ///
    /// A signed-in person joins as themselves; anyone else makes a new, unverified account for the invited
    /// address. An address that has an account already joins only signed in: the link alone is not its owner.
    ///
    /// - Throws: `Failure` `invitation_invalid`, `email_taken`, `invalid_name`, `invalid_password`, `already_member`.
    public func acceptInvitation(
        token: String, name: String?, password: String?, _ permit: OpenPermit
    ) async throws -> AcceptedInvitation {
        let digest = KeyDigest(ofText: Array(token.utf8))
        let now = clock.now()
        let invitation = try await ledger.read { try $0.acceptableInvitation(digest, now: now) }
        let newcomer = try await newcomer(for: invitation, name: name, password: password, permit)
        return try await commit(permit) { [authorization] writing, permit in
            let invitation = try writing.records.acceptableInvitation(digest, now: writing.now)
            guard let organization = try writing.records.organization(.id(invitation.organization)),
                !organization.isSuspended
            else { throw Self.invitationInvalid }
            let user: User
            if let newcomer {
                guard try writing.records.user(.email(invitation.email)) == nil else { throw Self.emailTaken }
                user = newcomer
                writing.write(.insertUser(user))
            } else {
                user = try authorization.signedIn(permit.caller, writing.records, now: writing.now)
            }
            guard try writing.records.member(user.id, of: organization.id) == nil else {
                throw Failure(.alreadyMember, "You are a member of this organization already.")
            }
            let isRole =
                try authorization.rules.roles[invitation.role] != nil
                || writing.records.role(invitation.role, of: organization.id) != nil
            guard isRole else { throw Self.invitationInvalid }
            let member = Member(
                organization: organization.id, user: user.id, role: invitation.role, joinedAt: writing.now)
            writing.write(.putMember(member))
            writing.write(.acceptInvitation(invitation.id, at: writing.now))
            try writing.append(
                AuditEntry(
                    chain: .organization(organization.id), at: writing.now, actor: "user:\(user.id)", via: nil,
                    address: permit.caller.address, action: permit.operation.rawValue,
                    target: invitation.id.description, outcome: "ok", count: 1,
                    details: ["email": .text(invitation.email.description), "role": .text(member.role.description)]))
            return AcceptedInvitation(organization: organization, user: user, member: member)
        }.value
    }

    /// The account to make, or nil where a signed-in person joins.
    private func newcomer(
        for invitation: Invitation, name: String?, password: String?, _ permit: OpenPermit
    ) async throws -> User? {
        switch permit.caller.principal {
        case .person: return nil
        case .anonymous: break
        case .apiKey, .operator, .onBehalf, .local:
            throw Failure(.userLoginRequired, "An invitation is accepted by a person.")
        }
        let isTaken = try await ledger.read { try $0.user(.email(invitation.email)) != nil }
        guard !isTaken else { throw Self.emailTaken }
        let checkedName = validation.name(name ?? "")
        let faults = checkedName.faults + validation.passwordFaults(password ?? "", pointer: "/password")
        guard faults.isEmpty else { throw Failure(faults: faults) }
        var random = SystemRandomNumberGenerator()
        return User(
            id: UserID(at: clock.now(), using: &random), email: invitation.email, name: try checkedName.get(),
            passwordHash: try await passwords.hash(password ?? ""), isVerified: false, createdAt: clock.now())
    }

    static let invitationInvalid = Failure(
        .invitationInvalid, "This invitation does not exist, has expired or was used; ask for a new one.")
    private static let emailTaken = Failure(
        .emailTaken, "There is an account for this address: sign in, then open the link again.")
}

extension PeopleRecords {
    fileprivate func acceptableInvitation(_ digest: KeyDigest, now: Timestamp) throws -> Invitation {
        guard let invitation = try invitation(withToken: digest), invitation.acceptedAt == nil,
            invitation.expiresAt > now
        else { throw Administration.invitationInvalid }
        return invitation
    }
}

extension Authorization {
    /// The person who is signed in at this moment.
    fileprivate func signedIn(_ caller: Caller, _ records: any Records, now: Timestamp) throws -> User {
        guard case .person(let user, let session) = caller.principal,
            let live = try records.session(withToken: session.tokenDigest), live.expiresAt > now,
            live.organization == nil,
            let current = try records.user(.id(user.id)), !current.isDisabled
        else { throw Self.invalidToken }
        return current
    }
}
