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

    /// - Throws: `Failure` `not_found`.
    public func operatorOrganization(_ slug: String, _ permit: OperatorPermit) async throws -> Organization {
        try await ledger.read { try $0.existingOrganization(slug) }
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
