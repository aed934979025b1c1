import KeybearerVerification

extension Authorization {
    /// What the policy asks about a caller whom it has let in before: all of it but what can only be known from answers.
    func questions(_ permit: OrganizationPermit) -> [Question] {
        let organization = permit.scope.organization.id
        return named(permit.caller, organization) + standing(permit.caller, in: organization)
            + role(permit.scope.authority.role, in: organization)
            + ceiling(permit.scope.authority.parentKey, in: organization)
    }

    private func named(_ caller: Caller, _ organization: OrganizationID) -> [Question] {
        if let reference = caller.organization { return [.organization(reference)] }
        guard case .person(let user, _) = caller.principal else { return [] }
        return [.organizations(of: user.id), .organization(.id(organization))]
    }

    /// Who the caller is, and what they are in the organization.
    func standing(_ caller: Caller, in organization: OrganizationID) -> [Question] {
        switch caller.principal {
        case .anonymous, .local: []
        case .operator(let token): [.operatorToken(token.tokenDigest)]
        case .onBehalf(let user, let token):
            [.operatorToken(token.tokenDigest), .user(.id(user.id)), .member(user.id, of: organization)]
        case .person(let user, let session):
            [.session(session.tokenDigest), .user(.id(user.id)), .member(user.id, of: organization)]
        case .apiKey(let record): [.key(record.id, of: organization)]
        }
    }

    private func role(_ name: RoleName?, in organization: OrganizationID) -> [Question] {
        guard let name, rules.roles[name] == nil else { return [] }
        return [.role(name, of: organization)]
    }

    private func ceiling(_ key: APIKey?, in organization: OrganizationID) -> [Question] {
        guard rules.ceiling == .live, let creator = key?.createdBy, creator.kind == .user, let id = UserID(creator.id)
        else { return [] }
        return [.user(.id(id)), .member(id, of: organization)]
    }
}
