import KeybearerVerification

extension Administration {
    /// The key, of the permit's organization alone.
    ///
    /// - Throws: `Failure` `not_found`.
    public func key(_ id: KeyID, _ permit: OrganizationPermit) async throws -> APIKey {
        let organization = permit.scope.organization.id
        return try await ledger.read { try $0.existingKey(id, of: organization) }
    }

    /// Newest first.
    public func keys(_ status: KeyQuery.StatusFilter, _ page: Page<KeyID>, _ permit: OrganizationPermit) async throws
        -> [APIKey]
    {
        let query = KeyQuery(organization: permit.scope.organization.id, status: status)
        let now = clock.now()
        return try await ledger.read { try $0.keys(query, page, now: now) }
    }

    /// Makes a key: plan, quota, draft, escalation, then row, audit event and revision in one transaction.
    ///
    /// - Throws: `Failure` `feature_not_available`, `quota_exceeded`, `permission_escalation` or a field's code.
    public func createKey(
        _ draft: KeyDraft, _ permit: OrganizationPermit, remembering: Remembering<APIKey>? = nil
    ) async throws -> KeyAnswer {
        var random = SystemRandomNumberGenerator()
        let secret = Secret.generate(rules.keyFormat, using: &random)
        let sealed = rules.peppers.seal(secret.digest)
        let preview = secret.preview(rules.keyFormat)
        let id = KeyID(at: clock.now(), using: &random)
        let organization = permit.scope.organization.id
        let answer = try await once(remembering, caller: permit.caller, organization: organization) { claim in
            let questions = claim?.questions ?? []
            let quota = Quota(rules).questions(permit.scope.organization)
            let committed = try await commit(permit, expecting: { questions + quota($0) }) {
                [validation, rules] writing, permit in
                if let record = try claim?.replay(writing.records, now: writing.now) {
                    return Answer<APIKey>.replayed(record)
                }
                try Quota(rules).mustHaveRoom(permit.scope.organization, writing)
                let checked = try validation.check(draft, authority: permit.scope.authority, now: writing.now)
                let key = APIKey(
                    id: id, organization: organization, name: checked.name, digest: sealed, preview: preview,
                    permissions: checked.permissions.permissions, allowedIPs: checked.allowedIPs,
                    labels: checked.labels, expiresAt: checked.expiresAt, createdBy: permit.caller.creator,
                    createdAt: writing.now)
                writing.write(.insertKey(key))
                try writing.audit(permit, target: key.id.description, key.auditDetails)
                claim?.remember(key, in: &writing)
                return .fresh(key)
            }
            return committed.value
        }
        switch answer {
        case .fresh(let key): return .issued(IssuedKey(key: key, secret: secret))
        case .replayed(let record): return .replayed(record)
        }
    }

    /// Changes a key under the rules of creation: whoever changes it must hold everything that it has afterwards.
    ///
    /// - Parameter precondition: asked inside the transaction with the key as it is; false refuses the change.
    /// - Throws: `Failure` `not_found`, `precondition_failed`, `key_not_active`, and as creation does.
    public func updateKey(
        _ id: KeyID, _ patch: KeyPatch, _ permit: OrganizationPermit,
        precondition: (@Sendable (APIKey) -> Bool)? = nil
    ) async throws -> APIKey {
        let organization = permit.scope.organization.id
        return try await commit(permit, expecting: { _ in [.key(id, of: organization)] }) {
            [validation, rules] writing, permit in
            var key = try writing.records.existingKey(id, of: permit.scope.organization.id)
            guard precondition?(key) ?? true else {
                throw Failure(.preconditionFailed, "The key has changed since it was read; read it again.")
            }
            let before = key
            guard key.status(at: writing.now) != .revoked else {
                throw Failure(.keyNotActive, "A revoked key cannot be changed.")
            }
            try validation.apply(patch, to: &key, permit, now: writing.now)
            if !before.isLive(at: writing.now) && key.isLive(at: writing.now) {
                try Quota(rules).mustHaveRoom(permit.scope.organization, writing)
            }
            writing.write(.updateKey(key))
            try writing.audit(permit, target: id.description, key.auditDetails)
            return key
        }.value
    }

    /// What is known of one key's use.
    public func usage(_ query: UsageQuery, _ permit: OrganizationPermit) async throws -> UsageReport {
        await flushUsage(of: query.key)
        let organization = permit.scope.organization.id
        return try await ledger.read { records in
            _ = try records.existingKey(query.key, of: organization)
            return try records.usage(query)
        }
    }

    /// Every check that a verification with these circumstances would make, by the code that makes it.
    public func explain(
        _ id: KeyID, permission: String?, address: String?, _ permit: OrganizationPermit
    ) async throws -> Explanation {
        let key = try await key(id, permit)
        let asked = try permission.map { text in
            guard let permission = Permission(text), rules.catalogue.isRequestable(permission) else {
                throw Failure(faults: [
                    Failure.Field("/permission", .unknownPermission, "Not a single permission of the catalogue.")
                ])
            }
            return permission
        }
        let from = try address.map { text in
            guard let address = IPAddress(text) else {
                throw Failure(faults: [Failure.Field("/ip", .invalidIP, "Write a literal IPv4 or IPv6 address.")])
            }
            return address
        }
        return await verifier.explain(key.digest, AccessRequest(permission: asked, address: from, cost: 1))
    }

    /// "Which key is this?", by the SHA-256 of the whole key.
    public func lookUpKey(digest hex: String, _ permit: OrganizationPermit) async throws -> APIKey {
        let candidates = try candidates(hex)
        let organization = permit.scope.organization.id
        return try await ledger.read { records in
            guard let key = try records.key(under: candidates), key.organization == organization else {
                throw Failure.notFound
            }
            return key
        }
    }

    func candidates(_ hex: String) throws -> [StoredDigest] {
        guard let digest = KeyDigest(hex: hex) else {
            throw Failure(faults: [
                Failure.Field("/key_sha256", .invalidDigest, "Write the SHA-256 of the whole key as 64 hex characters.")
            ])
        }
        return rules.peppers.candidates(digest)
    }
}

extension KeyRecords {
    /// - Throws: `Failure` `not_found`.
    func existingKey(_ id: KeyID, of organization: OrganizationID) throws -> APIKey {
        guard let key = try key(id, of: organization) else { throw Failure.notFound }
        return key
    }
}

extension APIKey {
    /// What the audit log remembers of a key: everything that decides what it may do.
    var auditDetails: AuditDetails {
        [
            "name": .text(name),
            "preview": .text(preview),
            "permissions": .list(permissions.map(\.description)),
            "allowed_ips": .list(allowedIPs.map(\.description)),
            "expires_at": .optional(expiresAt?.description),
            "enabled": .flag(!isDisabled),
            "labels": .list(labels.map { "\($0.key)=\($0.value)" }),
        ]
    }
}

/// The plan's say in how many keys there may be.
struct Quota {
    let rules: Rules

    init(_ rules: Rules) { self.rules = rules }

    /// What `mustHaveRoom` asks.
    func questions(_ organization: Organization) -> @Sendable (_ now: Timestamp) -> [Question] {
        guard rules.plan(organization.plan).activeKeys != nil else { return { _ in [] } }
        return { [.quotaUse(of: organization.id, at: $0)] }
    }

    /// - Throws: `Failure` `feature_not_available` or `quota_exceeded`.
    func mustHaveRoom(_ organization: Organization, _ writing: Writing) throws {
        let plan = rules.plan(organization.plan)
        try mustAllowKeys(plan)
        guard let limit = plan.activeKeys else { return }
        let used = try writing.records.quotaUse(of: organization.id, now: writing.now)
        guard used < limit else {
            throw Failure(
                .quotaExceeded,
                "The plan \(plan.name) allows \(limit) active API keys and \(used) are in use: revoke one, or change the plan.",
                quota: Failure.Quota(activeKeys: used, limit: limit, plan: plan.name))
        }
    }

    func mustAllowKeys(_ plan: Plan) throws {
        guard plan.allowsAPIKeys else {
            throw Failure(.featureNotAvailable, "The plan \(plan.name) does not include API keys.")
        }
    }
}
