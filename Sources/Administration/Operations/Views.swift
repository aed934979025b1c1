import KeybearerVerification

extension Administration {
    /// What each member may do: the role's permissions and the member's own grants, in the members' order.
    public func permissions<Scope>(of members: [Member], _ permit: Permit<Scope>) async throws -> [PermissionSet] {
        try await ledger.read { [authorization] records in
            try members.map { try authorization.permissions(of: $0, records) }
        }
    }

    /// The organizations of a signed-in person.
    public func organizationViews(_ permit: PersonalPermit) async throws -> [OrganizationView] {
        let own = try await organizations(permit).map(\.organization)
        let now = clock.now()
        return try await ledger.read { [rules] records in
            try own.map { try records.view(of: $0, rules, now: now) }
        }
    }

    /// Whether there is an organization of that slug.
    public func operatorHasOrganization(_ slug: String, _ permit: OperatorPermit) async throws -> Bool {
        guard let slug = Slug(slug) else { return false }
        return try await ledger.read { try $0.organization(.slug(slug)) != nil }
    }

    /// Whether the organization has a member of that address.
    ///
    /// - Throws: `Failure` `not_found` where there is no such organization.
    public func operatorHasMember(_ slug: String, email: String, _ permit: OperatorPermit) async throws -> Bool {
        try await ledger.read { records in
            let organization = try records.existingOrganization(slug)
            guard let email = EmailAddress(email), let user = try records.user(.email(email)) else { return false }
            return try records.member(user.id, of: organization.id) != nil
        }
    }

    /// - Throws: `Failure` `not_found`.
    public func operatorUser(_ email: String, _ permit: OperatorPermit) async throws -> User {
        try await ledger.read { records in
            guard let email = EmailAddress(email), let user = try records.user(.email(email)) else {
                throw Failure.notFound
            }
            return user
        }
    }
}
