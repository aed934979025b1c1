import KeybearerVerification

/// Makes verification's records out of the ledger's rows.
public struct LedgerRecordSource: KeyRecordSource {
    private let ledger: any Ledger
    private let authorization: Authorization
    private let facts = FactsPool()
    private let sharesLimits: Bool

    /// - Parameter sharesLimits: whether other nodes count against the same rate limits.
    public init(ledger: any Ledger, rules: Rules, sharesLimits: Bool = false) {
        self.ledger = ledger
        self.sharesLimits = sharesLimits
        authorization = Authorization(rules: rules)
    }

    public func records(under names: [[StoredDigest]]) async throws -> [KeyRecord?] {
        try await ledger.read { [authorization, facts, sharesLimits] records in
            try names.map { digests in
                guard let key = try records.key(under: digests),
                    let organization = try records.organization(.id(key.organization))
                else { return nil }
                return try authorization.record(of: key, organization, records, sharing: facts, sharesLimits)
            }
        }
    }
}

extension LedgerRecordSource {
    /// What one record takes in memory at least; more keys than fit are loaded as they are asked for instead.
    private static let leastBytes = 160

    /// Passes on every record, newest first, where all of them can fit into the cache.
    ///
    /// - Returns: whether they were read.
    public func fill(_ memory: RecordCache, capacityInBytes: Int) async throws -> Bool {
        let most = capacityInBytes / Self.leastBytes
        guard try await ledger.read({ try $0.keyCount(upTo: most + 1) }) <= most else { return false }
        try await memory.fill { [self] insert in
            var after: KeyID?
            repeat {
                try Task.checkCancellation()
                let page = Page(after: after, limit: 500)
                let (last, isFull) = try await ledger.read { [authorization, facts, sharesLimits] records in
                    let keys = try records.everyKey(page)
                    for key in keys {
                        guard let organization = try records.organization(.id(key.organization)) else { continue }
                        insert(try authorization.record(of: key, organization, records, sharing: facts, sharesLimits))
                    }
                    return (keys.last?.id, keys.count == page.limit)
                }
                after = isFull ? last : nil
            } while after != nil
        }
        return true
    }
}

extension Authorization {
    fileprivate func record(
        of key: APIKey, _ organization: Organization, _ records: any Records, sharing pool: FactsPool,
        _ sharesLimits: Bool
    ) throws -> KeyRecord {
        let plan = rules.plan(organization.plan)
        let limit = key.rateLimit ?? plan.rateLimit
        let facts = SharedFacts(
            organization: OrganizationFacts(
                id: organization.id, slug: organization.slug.description, planName: organization.plan,
                isSuspended: organization.isSuspended,
                rateLimit: sharesLimits ? plan.organizationRateLimit?.shared : plan.organizationRateLimit,
                isStrict: plan.isStrict),
            grantedTexts: key.permissions.map(\.description), permissions: rules.catalogue.effective(key.permissions),
            ceiling: try ceiling(of: key, records), createdBy: key.createdBy,
            rateLimit: sharesLimits ? limit.shared : limit, pepperID: key.digest.pepperID)
        return KeyRecord(
            id: key.id, facts: pool.shared(facts), digest: key.digest, name: key.name, preview: key.preview,
            isRevoked: key.revocation != nil, isDisabled: key.isDisabled, expiresAt: key.expiresAt,
            overlapEndsAt: key.overlapEndsAt, allowedAddresses: key.allowedIPs,
            labels: key.labels.map { ($0.key, $0.value) })
    }
}
