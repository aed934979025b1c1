import KeybearerVerification

/// An organization as its people see it.
public struct OrganizationView: Sendable {
    public let organization: Organization
    public let plan: Plan
    public let activeKeys: Int
}

extension Administration {
    public func organization(_ permit: OrganizationPermit) async throws -> OrganizationView {
        let id = permit.scope.organization.id
        let now = clock.now()
        return try await ledger.read { [rules] records in
            guard let organization = try records.organization(.id(id)) else { throw Failure.notFound }
            return try records.view(of: organization, rules, now: now)
        }
    }

    /// - Parameter precondition: asked inside the transaction; false refuses the change.
    /// - Throws: `Failure` `invalid_name`, `precondition_failed`.
    public func updateOrganization(
        name: String?, _ permit: OrganizationPermit, precondition: (@Sendable (OrganizationView) -> Bool)? = nil
    ) async throws -> OrganizationView {
        let name = try name.map { try validation.name($0).get() }
        return try await commit(permit) { [rules] writing, permit in
            var organization = permit.scope.organization
            let before = try writing.records.view(of: organization, rules, now: writing.now)
            guard precondition?(before) ?? true else {
                throw Failure(.preconditionFailed, "The organization has changed since it was read; read it again.")
            }
            if let name { organization.name = name }
            writing.write(.updateOrganization(organization))
            try writing.audit(permit, target: organization.id.description, ["name": .text(organization.name)])
            return OrganizationView(organization: organization, plan: before.plan, activeKeys: before.activeKeys)
        }.value
    }

    /// The organizations of a signed-in person, each with their place in it.
    public func organizations(_ permit: PersonalPermit) async throws -> [(organization: Organization, member: Member)] {
        let user = permit.scope.user.id
        let bound = permit.scope.session.organization
        return try await ledger.read { records in
            let members = Dictionary(
                try records.memberships(of: user).map { ($0.organization, $0) }, uniquingKeysWith: { $1 })
            return try records.organizations(of: user).compactMap { organization in
                guard bound == nil || bound == organization.id else { return nil }
                return members[organization.id].map { (organization, $0) }
            }
        }
    }

    /// Makes an organization whose owner is the caller, where the configuration lets people do that.
    ///
    /// - Throws: `Failure` `not_allowed`, `organization_limit`, `invalid_name`, `invalid_slug`, `slug_taken`.
    public func createOrganization(
        name: String, slug: String, _ permit: PersonalPermit, remembering: Remembering<OrganizationView>? = nil
    ) async throws -> Answer<OrganizationView> {
        let allowed = rules.selfService
        return try await once(remembering, caller: permit.caller, organization: nil) { claim in
            try await commit(permit) { [validation, rules] writing, permit in
                if let record = try claim?.replay(writing.records, now: writing.now) { return .replayed(record) }
                guard allowed.isEnabled, permit.scope.session.organization == nil else {
                    throw Failure(.notAllowed, "Organizations are created by the operator.")
                }
                let user = permit.scope.user
                let owned = try writing.records.memberships(of: user.id).filter { $0.role == .owner }
                guard owned.count < allowed.perPerson else {
                    throw Failure(
                        .organizationLimit, "One person may own \(allowed.perPerson) organizations at most.")
                }
                let draft = (name: validation.name(name), slug: Slug(slug))
                guard let slug = draft.slug, draft.name.faults.isEmpty else {
                    let slugFault = Failure.Field(
                        "/slug", .invalidSlug, "A slug has 1 to 63 of a-z, 0-9 and inner hyphens.")
                    throw Failure(faults: draft.name.faults + (draft.slug == nil ? [slugFault] : []))
                }
                let organization = try writing.newOrganization(
                    slug, name: try draft.name.get(), plan: allowed.defaultPlan, permit.chain)
                writing.write(
                    .putMember(
                        Member(organization: organization.id, user: user.id, role: .owner, joinedAt: writing.now)))
                try writing.audit(
                    permit, in: .organization(organization.id), target: organization.id.description,
                    ["slug": .text(slug.description), "name": .text(organization.name)])
                let view = OrganizationView(
                    organization: organization, plan: rules.plan(organization.plan), activeKeys: 0)
                claim?.remember(view, in: &writing)
                return .fresh(view)
            }.value
        }
    }
}

extension Permit {
    /// Where events without an organization go.
    var chain: AuditChain { .operator }
}

extension Writing {
    /// - Throws: `Failure` `slug_taken`.
    mutating func newOrganization(_ slug: Slug, name: String, plan: String, _ chain: AuditChain) throws -> Organization
    {
        guard try records.organization(.slug(slug)) == nil else {
            throw Failure(faults: [Failure.Field("/slug", .slugTaken, "Another organization has this slug.")])
        }
        var random = SystemRandomNumberGenerator()
        let organization = Organization(
            id: OrganizationID(at: now, using: &random), slug: slug, name: name, plan: plan, createdAt: now)
        write(.insertOrganization(organization))
        return organization
    }
}

extension OrganizationRecords where Self: KeyRecords {
    func view(of organization: Organization, _ rules: Rules, now: Timestamp) throws -> OrganizationView {
        OrganizationView(
            organization: organization, plan: rules.plan(organization.plan),
            activeKeys: try quotaUse(of: organization.id, now: now))
    }
}
