import KeybearerVerification

extension Administration {
    public func members(_ page: Page<UserID>, _ permit: OrganizationPermit) async throws -> [MemberWithUser] {
        let organization = permit.scope.organization.id
        return try await ledger.read { try $0.members(of: organization, page) }
    }

    /// - Throws: `Failure` `not_found`.
    public func member(_ id: UserID, _ permit: OrganizationPermit) async throws -> MemberWithUser {
        let organization = permit.scope.organization.id
        return try await ledger.read { try $0.existingMember(id, of: organization) }
    }

    /// Sets a member's role and grants; nil leaves a part as it is.
    ///
    /// - Throws: `Failure` `not_found`, `unknown_role`, `unknown_permission`, `permission_escalation`,
    ///   `owner_required`, `last_owner`.
    public func putMember(
        _ id: UserID, role: String?, grants: [String]?, _ permit: OrganizationPermit
    ) async throws -> MemberWithUser {
        try await commit(permit) { [validation, authorization] writing, permit in
            let organization = permit.scope.organization.id
            let existing = try writing.records.existingMember(id, of: organization)
            let given = PeoplePolicy(authorization: authorization, permit: permit, records: writing.records)
            var member = existing.member
            if let role { member.role = try given.role(named: role) }
            if let grants { member.grants = try validation.permissions(grants, pointer: "/grants").get().permissions }
            try given.mustBeAllowed(toChange: existing.member, into: member)
            if existing.member.role == .owner && member.role != .owner {
                try given.mustLeaveAnOwner(organization)
            }
            writing.write(.putMember(member))
            try writing.audit(
                permit, target: id.description,
                ["role": .text(member.role.description), "grants": .list(member.grants.map(\.description))])
            return MemberWithUser(member: member, user: existing.user)
        }.value
    }

    /// Takes a person out of the organization.
    ///
    /// - Returns: the live keys that the person made, which stay the organization's.
    /// - Throws: `Failure` `not_found`, `owner_required`, `last_owner`.
    public func removeMember(_ id: UserID, _ permit: OrganizationPermit) async throws -> [APIKey] {
        try await commit(permit) { [authorization] writing, permit in
            let organization = permit.scope.organization.id
            let existing = try writing.records.existingMember(id, of: organization)
            let policy = PeoplePolicy(authorization: authorization, permit: permit, records: writing.records)
            try policy.mustBeAllowed(toTouch: existing.member)
            if existing.member.role == .owner { try policy.mustLeaveAnOwner(organization) }
            return try writing.remove(existing.member, permit)
        }.value
    }
}

/// Who may give which place to whom.
struct PeoplePolicy {
    let authorization: Authorization
    let permit: OrganizationPermit
    let records: any Records

    /// - Throws: `Failure` `unknown_role`.
    func role(named text: String, pointer: String = "/role") throws -> RoleName {
        let organization = permit.scope.organization.id
        guard let name = RoleName(text),
            try authorization.rules.roles[name] != nil || records.role(name, of: organization) != nil
        else {
            throw Failure(faults: [
                Failure.Field(pointer, .unknownRole, "No such role; GET /v1/roles lists them.")
            ])
        }
        return name
    }

    /// Only an owner makes, changes, removes or invites an owner.
    func mustBeAllowed(toTouch member: Member) throws {
        guard member.role != .owner || permit.scope.authority.isOwner else { throw Self.ownerRequired }
    }

    /// Whoever gives a role or grants must hold them, and nobody widens themselves.
    func mustBeAllowed(toChange before: Member, into after: Member) throws {
        try mustBeAllowed(toTouch: before)
        if after.role != before.role { try mustBeAllowed(toGive: after.role, in: after.organization) }
        let authority = permit.scope.authority
        try authority.mustHold(authorization.rules.catalogue.effective(after.grants))
        guard permit.caller.personID == before.user, !authority.isUnbounded else { return }
        let current = try authorization.permissions(of: before, records)
        let wanted = try authorization.permissions(of: after, records)
        guard current.exceeding(wanted).isEmpty else {
            throw Failure(.permissionEscalation, "Nobody widens their own permissions.")
        }
    }

    func mustBeAllowed(toGive role: RoleName, in organization: OrganizationID) throws {
        guard role != .owner || permit.scope.authority.isOwner else { throw Self.ownerRequired }
        try permit.scope.authority.mustHold(
            try authorization.permissions(ofRole: role, in: organization, records))
    }

    /// Asked while the owner in question still counts.
    func mustLeaveAnOwner(_ organization: OrganizationID) throws {
        guard try records.ownerCount(of: organization) > 1 else { throw Self.lastOwner }
    }

    static let lastOwner = Failure(
        .lastOwner, "An organization keeps at least one owner: make somebody else owner first.")
    private static let ownerRequired = Failure(
        .ownerRequired, "Only an owner makes, changes, removes or invites an owner.")
}

extension Caller {
    /// The person behind the call, where there is one.
    var personID: UserID? {
        switch principal {
        case .person(let user, _), .onBehalf(let user, _): user.id
        case .anonymous, .apiKey, .operator, .local: nil
        }
    }
}

extension Writing {
    /// Removes a member and answers with the live keys that they made.
    mutating func remove<Scope>(_ member: Member, _ permit: Permit<Scope>) throws -> [APIKey] {
        var query = KeyQuery(organization: member.organization)
        query.createdBy = member.user.description
        var made: [APIKey] = []
        try records.forEachKey(query, now: now) { key in
            if key.isLive(at: now) { made.append(key) }
        }
        write(.removeMember(member.user, of: member.organization))
        try audit(
            permit, in: .organization(member.organization), target: member.user.description,
            ["role": .text(member.role.description), "keys_left": .list(made.map(\.id.description))])
        return made
    }
}

extension PeopleRecords {
    /// - Throws: `Failure` `not_found`.
    func existingMember(_ id: UserID, of organization: OrganizationID) throws -> MemberWithUser {
        guard let member = try member(id, of: organization), let user = try user(.id(id)) else {
            throw Failure.notFound
        }
        return MemberWithUser(member: member, user: user)
    }
}
