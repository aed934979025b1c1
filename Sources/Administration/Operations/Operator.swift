import KeybearerVerification

extension Administration {
    public func operatorOrganizations(_ page: Page<OrganizationID>, _ permit: OperatorPermit) async throws
        -> [OrganizationView]
    {
        let now = clock.now()
        return try await ledger.read { [rules] records in
            try records.organizations(page).map { try records.view(of: $0, rules, now: now) }
        }
    }

    /// Creates an organization, or changes the parts that are given.
    ///
    /// - Throws: `Failure` `invalid_slug`, `invalid_name`, `unknown_plan`.
    public func operatorPutOrganization(
        _ slug: String, name: String?, plan: String?, isSuspended: Bool?, _ permit: OperatorPermit,
        remembering: Remembering<OrganizationView>? = nil
    ) async throws -> Answer<OrganizationView> {
        try await once(remembering, caller: permit.caller, organization: nil) { claim in
            try await commit(permit) { [validation, rules] writing, permit in
                if let record = try claim?.replay(writing.records, now: writing.now) { return .replayed(record) }
                let slug = try validation.slug(slug)
                if let plan, rules.plans[plan] == nil {
                    throw Failure(faults: [
                        Failure.Field("/plan", .unknownPlan, "No such plan; GET /v1/operator/plans lists them.")
                    ])
                }
                let checkedName = try name.map { try validation.name($0).get() }
                var organization: Organization
                if let existing = try writing.records.organization(.slug(slug)) {
                    organization = existing
                } else {
                    let firstName = try checkedName ?? validation.name(slug.description).get()
                    organization = try writing.newOrganization(
                        slug, name: firstName, plan: plan ?? rules.selfService.defaultPlan, permit.chain)
                }
                organization.name = checkedName ?? organization.name
                organization.plan = plan ?? organization.plan
                organization.isSuspended = isSuspended ?? organization.isSuspended
                writing.write(.updateOrganization(organization))
                try writing.audit(
                    permit, in: .organization(organization.id), target: organization.id.description,
                    [
                        "slug": .text(slug.description), "name": .text(organization.name),
                        "plan": .text(organization.plan), "suspended": .flag(organization.isSuspended),
                    ])
                let view = try writing.records.view(of: organization, rules, now: writing.now)
                claim?.remember(view, in: &writing)
                return .fresh(view)
            }.value
        }
    }

    /// Ends an organization: every key is revoked, every member leaves, the slug is free again.
    ///
    /// - Throws: `Failure` `not_found`.
    public func operatorDeleteOrganization(_ slug: String, _ permit: OperatorPermit) async throws -> Barrier {
        try await commit(permit) { writing, permit in
            var organization = try writing.records.existingOrganization(slug)
            let query = KeyQuery(organization: organization.id)
            var keys: [APIKey] = []
            try writing.records.forEachKey(query, now: writing.now) { if $0.revocation == nil { keys.append($0) } }
            for key in keys { _ = try writing.revoke(key, reason: "organization deleted", permit) }
            var after: UserID?
            repeat {
                let page = try writing.records.members(of: organization.id, Page(after: after, limit: 500))
                for entry in page { writing.write(.removeMember(entry.user.id, of: organization.id)) }
                after = page.count == 500 ? page.last?.user.id : nil
            } while after != nil
            organization.deletedAt = writing.now
            writing.write(.updateOrganization(organization))
            try writing.audit(
                permit, in: .operator, target: organization.id.description,
                ["slug": .text(slug), "keys_revoked": .number(Int64(keys.count))])
        }.barrier
    }

    /// Makes a person a member, or gives a member another role; the account is made where there is none.
    ///
    /// - Throws: `Failure` `not_found`, `invalid_email`, `invalid_name`, `unknown_role`, `last_owner`, `email_unverified`.
    public func operatorPutMember(
        _ slug: String, email: String, role: String?, name: String?, _ permit: OperatorPermit
    ) async throws -> MemberWithUser {
        try await commit(permit) { [validation, rules] writing, permit in
            let organization = try writing.records.existingOrganization(slug)
            let email = try validation.email(email)
            let user = try writing.account(email, name: name, validation)
            let existing = try writing.records.member(user.id, of: organization.id)
            let role = try writing.records.role(
                named: role, otherwise: existing?.role ?? .member, in: organization.id, rules)
            if existing?.role == .owner, role != .owner {
                guard try writing.records.ownerCount(of: organization.id) > 1 else { throw PeoplePolicy.lastOwner }
            }
            let member = Member(
                organization: organization.id, user: user.id, role: role, grants: existing?.grants ?? [],
                joinedAt: existing?.joinedAt ?? writing.now)
            writing.write(.putMember(member))
            try writing.audit(
                permit, in: .organization(organization.id), target: user.id.description,
                ["email": .text(email.description), "role": .text(role.description)])
            return MemberWithUser(member: member, user: user)
        }.value
    }

    /// - Throws: `Failure` `not_found`, `last_owner`.
    public func operatorRemoveMember(_ slug: String, email: String, _ permit: OperatorPermit) async throws -> [APIKey] {
        try await commit(permit) { writing, permit in
            let organization = try writing.records.existingOrganization(slug)
            guard let email = EmailAddress(email), let user = try writing.records.user(.email(email)),
                let member = try writing.records.member(user.id, of: organization.id)
            else { throw Failure.notFound }
            if member.role == .owner, try writing.records.ownerCount(of: organization.id) <= 1 {
                throw PeoplePolicy.lastOwner
            }
            return try writing.remove(member, permit)
        }.value
    }

    /// Says that an address is its account's, or shuts the account; ends its sessions in that case.
    ///
    /// - Throws: `Failure` `not_found`.
    public func operatorPutUser(
        _ email: String, isVerified: Bool?, isDisabled: Bool?, _ permit: OperatorPermit
    ) async throws -> User {
        try await commit(permit) { writing, permit in
            guard let email = EmailAddress(email), var user = try writing.records.user(.email(email)) else {
                throw Failure.notFound
            }
            user.isVerified = isVerified ?? user.isVerified
            user.isDisabled = isDisabled ?? user.isDisabled
            writing.write(.updateUser(user))
            if user.isDisabled { writing.write(.endSessions(of: user.id, except: nil)) }
            try writing.audit(
                permit, in: .operator, target: user.id.description,
                [
                    "email": .text(email.description), "verified": .flag(user.isVerified),
                    "disabled": .flag(user.isDisabled),
                ])
            return user
        }.value
    }

    /// By name.
    public func operatorPlans(_ permit: OperatorPermit) -> [Plan] { rules.plans.values.sorted { $0.name < $1.name } }

    /// Revokes keys of any organization, named by identifiers or by the SHA-256 of one whole key.
    ///
    /// - Throws: `Failure` `invalid_filter`, `invalid_digest`, `not_found`.
    public func operatorRevokeKeys(
        ids: [String]?, digest: String?, reason: String?, _ permit: OperatorPermit
    ) async throws -> BulkRevocation {
        let reason = try validation.reason(reason)
        let candidates = try digest.map(self.candidates)
        guard (ids == nil) != (candidates == nil), ids.map({ (1...1000).contains($0.count) }) ?? true else {
            throw Failure(faults: [
                Failure.Field("", .invalidFilter, "Name either 1 to 1000 ids, or one key_sha256.")
            ])
        }
        let committed = try await commit(permit) { writing, permit in
            var keys: [APIKey] = []
            if let candidates {
                guard let key = try writing.records.key(under: candidates) else { throw Failure.notFound }
                keys = [key]
            }
            for text in ids ?? [] {
                guard let id = KeyID(text), let organization = try writing.records.organization(ofKey: id) else {
                    throw Failure.notFound
                }
                keys.append(try writing.records.existingKey(id, of: organization))
            }
            return try keys.map { try writing.revoke($0, reason: reason, permit) }
        }
        return BulkRevocation(keys: committed.value, barrier: committed.barrier)
    }

    /// A link that signs a member in once, within a minute, bound to the organization.
    ///
    /// - Throws: `Failure` `not_found`, `email_unverified`.
    public func operatorCreateLink(
        email: String, organization: String, _ permit: OperatorPermit
    ) async throws -> IssuedLink {
        var random = SystemRandomNumberGenerator()
        let token = Secret.linkToken(using: &random)
        let digest = token.digest
        let expiresAt = try await commit(permit) { writing, permit in
            guard let email = EmailAddress(email), let reference = OrganizationReference(organization),
                let organization = try writing.records.organization(reference),
                let user = try writing.records.user(.email(email)), !user.isDisabled,
                try writing.records.member(user.id, of: organization.id) != nil
            else { throw Failure.notFound }
            guard user.isVerified else { throw Self.emailUnverified }
            let link = SignInLink(
                tokenDigest: digest, user: user.id, organization: organization.id,
                viaOperator: permit.caller.operatorName, expiresAt: writing.now.adding(seconds: 60))
            writing.write(.insertSignInLink(link))
            try writing.audit(
                permit, in: .organization(organization.id), target: user.id.description,
                ["email": .text(email.description)])
            return link.expiresAt
        }.value
        return IssuedLink(expiresAt: expiresAt, token: token, publicURL: rules.publicURL)
    }

    /// Uses up a sign-in link and opens the console session it stands for.
    ///
    /// - Throws: `Failure` `invalid_token`.
    public func openLink(_ token: String, _ permit: OpenPermit) async throws -> SignedIn {
        let digest = KeyDigest(ofText: Array(token.utf8))
        let now = clock.now()
        let (link, user) = try await ledger.read { records in
            guard let link = try records.signInLink(withToken: digest), link.isUsable(at: now),
                let user = try records.user(.id(link.user)), !user.isDisabled
            else { throw Self.linkInvalid }
            return (link, user)
        }
        return try await openSession(
            for: user, kind: .console, organization: link.organization, viaOperator: link.viaOperator, permit
        ) { writing in
            guard let current = try writing.records.signInLink(withToken: digest), current.isUsable(at: writing.now),
                try writing.records.member(link.user, of: link.organization) != nil
            else { throw Self.linkInvalid }
            writing.write(.useSignInLink(digest, at: writing.now))
        }
    }

    private static let linkInvalid = Failure(
        .invalidToken, "This link was used already or is older than a minute: ask for a new one.")
}

extension Caller {
    /// The operator token's name; a local command counts as the operator.
    fileprivate var operatorName: String {
        switch principal {
        case .operator(let token), .onBehalf(_, let token): token.name
        case .local(let command): command
        case .anonymous, .person, .apiKey: "unknown"
        }
    }
}

extension SignInLink {
    fileprivate func isUsable(at now: Timestamp) -> Bool { usedAt == nil && expiresAt > now }
}

extension PeopleRecords {
    /// - Throws: `Failure` `unknown_role`.
    fileprivate func role(
        named text: String?, otherwise standing: RoleName, in organization: OrganizationID, _ rules: Rules
    ) throws -> RoleName {
        guard let text else { return standing }
        if let name = RoleName(text) {
            if rules.roles[name] != nil { return name }
            if try role(name, of: organization) != nil { return name }
        }
        throw Failure(faults: [Failure.Field("/role", .unknownRole, "No such role.")])
    }
}

extension OrganizationRecords {
    /// - Throws: `Failure` `not_found`.
    func existingOrganization(_ slug: String) throws -> Organization {
        guard let slug = Slug(slug), let organization = try organization(.slug(slug)) else { throw Failure.notFound }
        return organization
    }
}

extension Writing {
    /// The account of an address, made as a verified one where there is none: the operator vouches for it.
    ///
    /// - Throws: `Failure` `email_unverified` for an account that only an invitation's link made.
    mutating func account(_ email: EmailAddress, name: String?, _ validation: Validation) throws -> User {
        let checkedName = try name.map { try validation.name($0).get() }
        if var user = try records.user(.email(email)) {
            guard user.isVerified else { throw Administration.emailUnverified }
            if let checkedName, checkedName != user.name {
                user.name = checkedName
                write(.updateUser(user))
            }
            return user
        }
        var random = SystemRandomNumberGenerator()
        let user = User(
            id: UserID(at: now, using: &random), email: email, name: checkedName ?? email.description,
            passwordHash: nil, isVerified: true, createdAt: now)
        write(.insertUser(user))
        return user
    }
}
