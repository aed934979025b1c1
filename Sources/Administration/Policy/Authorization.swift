import KeybearerVerification

/// The policy: turns a caller and an operation into a permit or a refusal. Every commit asks it again inside
/// its transaction, so that what was true when the request arrived cannot outlive a change made since.
struct Authorization: Sendable {
    let rules: Rules

    func personal(_ operation: Operation, _ caller: Caller, _ records: any Records, now: Timestamp) throws
        -> PersonalPermit
    {
        guard case .person = operation.rule else { throw Self.misuse }
        switch caller.principal {
        case .person(let user, let session):
            let current = try currentUser(user.id, records)
            guard let live = try records.session(withToken: session.tokenDigest), live.expiresAt > now else {
                throw Self.invalidToken
            }
            return Permit(operation, caller, Personal(user: current, session: live))
        case .anonymous: throw Self.missing
        case .apiKey, .operator, .onBehalf, .local:
            throw Failure(
                .userLoginRequired, "This is a personal call: sign in as a person, an API key cannot make it.")
        }
    }

    func organization(_ operation: Operation, _ caller: Caller, _ records: any Records, now: Timestamp) throws
        -> OrganizationPermit
    {
        let organization = try organization(named: caller, records)
        let authority = try authority(of: caller, in: organization, records, now: now)
        switch operation.rule {
        case .anyCredential: break
        case .permission(let permission):
            guard authority.holds(permission) else { throw Self.insufficient([permission]) }
        case .keyManager(let permissions):
            try mustManageKeys(permissions, authority)
        case .anyone, .person, .operator: throw Self.misuse
        }
        if organization.isSuspended && !authority.isUnbounded && !operation.isAllowedWhenSuspended {
            throw Failure(
                .organizationSuspended, "This organization is suspended: people may read and revoke until it is lifted."
            )
        }
        try refuseWriting(operation, caller)
        return Permit(operation, caller, InOrganization(organization: organization, authority: authority))
    }

    func system(_ operation: Operation, _ caller: Caller, _ records: any Records, now: Timestamp) throws
        -> OperatorPermit
    {
        guard case .operator = operation.rule else { throw Self.misuse }
        switch caller.principal {
        case .operator(let token):
            try mustBeLive(token, caller, records, now: now)
            try refuseWriting(operation, caller)
            return Permit(operation, caller, Everywhere())
        case .local: return Permit(operation, caller, Everywhere())
        case .anonymous: throw Self.missing
        case .person, .apiKey, .onBehalf:
            throw Failure(.operatorRequired, "Only an operator token may make this call.")
        }
    }

    private func mustManageKeys(_ permissions: [BuiltInPermission], _ authority: Authority) throws {
        switch rules.keyManagement {
        case .owner:
            guard authority.isOwner else {
                throw Failure(.ownerRequired, "Only an owner of the organization manages its API keys.")
            }
        case .permission:
            let lacking = permissions.filter { !authority.holds($0) }
            guard lacking.isEmpty else { throw Self.insufficient(lacking) }
        }
    }

    private func organization(named caller: Caller, _ records: any Records) throws -> Organization {
        if case .anonymous = caller.principal { throw Self.missing }
        if let reference = caller.organization {
            guard let organization = try records.organization(reference) else { throw Failure.notFound }
            return organization
        }
        guard case .person(let user, _) = caller.principal else { throw Self.organizationRequired }
        let memberships = try records.organizations(of: user.id)
        guard memberships.count == 1 else { throw Self.organizationRequired }
        // Read by its name like any other, so that everything after this is decided alone within it.
        guard let organization = try records.organization(.id(memberships[0].id)) else { throw Failure.notFound }
        return organization
    }

    private func authority(
        of caller: Caller, in organization: Organization, _ records: any Records, now: Timestamp
    ) throws -> Authority {
        switch caller.principal {
        case .anonymous: throw Self.missing
        case .local:
            return Authority(permissions: rules.catalogue.ownerSet, role: nil, parentKey: nil, isUnbounded: true)
        case .operator(let token):
            try mustBeLive(token, caller, records, now: now)
            return Authority(permissions: rules.catalogue.ownerSet, role: nil, parentKey: nil, isUnbounded: true)
        case .onBehalf(let user, let token):
            try mustBeLive(token, caller, records, now: now)
            return try authority(ofMember: user.id, in: organization, records)
        case .person(let user, let session):
            guard let live = try records.session(withToken: session.tokenDigest), live.expiresAt > now else {
                throw Self.invalidToken
            }
            if let bound = live.organization, bound != organization.id { throw Failure.notFound }
            return try authority(ofMember: user.id, in: organization, records)
        case .apiKey(let record):
            guard record.organization.id == organization.id,
                let key = try records.key(record.id, of: organization.id), key.isLive(at: now), !key.isDisabled
            else { throw Self.invalidToken }
            return Authority(
                permissions: try effectivePermissions(of: key, records), role: nil, parentKey: key,
                isUnbounded: false)
        }
    }

    private func authority(ofMember id: UserID, in organization: Organization, _ records: any Records) throws
        -> Authority
    {
        let user = try currentUser(id, records)
        guard let member = try records.member(user.id, of: organization.id) else { throw Failure.notFound }
        return Authority(
            permissions: try permissions(of: member, records), role: member.role, parentKey: nil, isUnbounded: false)
    }

    /// The role's permissions and the member's own grants, as far as the catalogue still knows them.
    func permissions(of member: Member, _ records: any Records) throws -> PermissionSet {
        try permissions(ofRole: member.role, in: member.organization, records)
            .union(rules.catalogue.effective(member.grants))
    }

    /// A role that no longer exists allows nothing.
    func permissions(ofRole name: RoleName, in organization: OrganizationID, _ records: any Records) throws
        -> PermissionSet
    {
        if let configured = rules.roles[name] { return configured }
        guard let role = try records.role(name, of: organization) else { return PermissionSet([]) }
        return rules.catalogue.effective(role.permissions)
    }

    /// With `keys.ceiling: live`, what the creator may do at this moment; nil where nothing bounds the key.
    ///
    /// A creator who has left, or whose account is disabled, allows nothing. A key made by a key is bounded by
    /// the creator of that key in turn; keys made by the operator are not bounded.
    func ceiling(of key: APIKey, _ records: any Records) throws -> PermissionSet? {
        guard rules.ceiling == .live else { return nil }
        var creator = key.createdBy
        var visited: Set<String> = []
        while visited.insert(creator.id).inserted {
            switch creator.kind {
            case .operator: return nil
            case .user:
                guard let id = UserID(creator.id), let user = try records.user(.id(id)), !user.isDisabled,
                    let member = try records.member(id, of: key.organization)
                else { return PermissionSet([]) }
                return try permissions(of: member, records)
            case .apiKey:
                guard let id = KeyID(creator.id), let parent = try records.key(id, of: key.organization) else {
                    return PermissionSet([])
                }
                creator = parent.createdBy
            }
        }
        return PermissionSet([])
    }

    private func effectivePermissions(of key: APIKey, _ records: any Records) throws -> PermissionSet {
        let own = rules.catalogue.effective(key.permissions)
        guard let ceiling = try ceiling(of: key, records) else { return own }
        return PermissionSet(own.permissions.filter { ceiling.covers($0) })
    }

    private func currentUser(_ id: UserID, _ records: any Records) throws -> User {
        guard let user = try records.user(.id(id)), !user.isDisabled else { throw Self.invalidToken }
        return user
    }

    private func mustBeLive(_ token: OperatorToken, _ caller: Caller, _ records: any Records, now: Timestamp) throws {
        guard let live = try records.operatorToken(withToken: token.tokenDigest), live.isUsable(at: now) else {
            throw Self.invalidToken
        }
    }

    private func refuseWriting(_ operation: Operation, _ caller: Caller) throws {
        switch caller.principal {
        case .operator(let token) where token.isReadOnly && !operation.isRead,
            .onBehalf(_, let token) where token.isReadOnly && !operation.isRead:
            throw Failure(.readOnly, "This operator token may only read.")
        case .anonymous, .person, .apiKey, .operator, .onBehalf, .local: return
        }
    }

    static let missing = Failure(.missing, "Send a credential in the Authorization header.")
    static let invalidToken = Failure(.invalidToken, "The credential is not valid, or no longer valid.")
    static let organizationRequired = Failure(
        .organizationRequired,
        "Name the organization in the Keybearer-Organization header; only members of exactly one may leave it out.")
    private static let misuse = Failure(.notAllowed, "This call cannot be made with this kind of credential.")

    private static func insufficient(_ lacking: [BuiltInPermission]) -> Failure {
        Failure(
            .insufficientPermissions,
            "This needs the permission \(lacking.map(\.rawValue).joined(separator: " and ")).",
            lacking: lacking.map(\.rawValue))
    }
}

extension Authority {
    /// Whether one of Keybearer's own permissions is among what may be done here.
    public func holds(_ permission: BuiltInPermission) -> Bool {
        guard !isUnbounded else { return true }
        guard let asked = Permission(permission.rawValue) else { return false }
        return permissions.covers(asked)
    }
}

extension OperatorToken {
    func isUsable(at now: Timestamp) -> Bool {
        revokedAt == nil && (expiresAt.map { now < $0 } ?? true)
    }
}
