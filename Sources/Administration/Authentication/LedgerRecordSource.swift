import KeybearerVerification

/// Makes verification's records out of the ledger's rows.
public struct LedgerRecordSource: KeyRecordSource {
    private let ledger: any Ledger
    private let authorization: Authorization

    public init(ledger: any Ledger, rules: Rules) {
        self.ledger = ledger
        authorization = Authorization(rules: rules)
    }

    public func record(under digests: [StoredDigest]) async throws -> KeyRecord? {
        try await ledger.read { [authorization] records in
            guard let key = try records.key(under: digests),
                let organization = try records.organization(.id(key.organization))
            else { return nil }
            return try authorization.record(of: key, organization, records)
        }
    }
}

extension Authorization {
    fileprivate func record(of key: APIKey, _ organization: Organization, _ records: any Records) throws -> KeyRecord {
        let plan = rules.plan(organization.plan)
        return KeyRecord(
            id: key.id,
            organization: OrganizationFacts(
                id: organization.id, slug: organization.slug.description, planName: organization.plan,
                isSuspended: organization.isSuspended, rateLimit: plan.organizationRateLimit),
            digest: key.digest, name: key.name, preview: key.preview, isRevoked: key.revocation != nil,
            isDisabled: key.isDisabled, expiresAt: key.expiresAt, overlapEndsAt: key.overlapEndsAt,
            grantedTexts: key.permissions.map(\.description), permissions: rules.catalogue.effective(key.permissions),
            ceiling: try ceiling(of: key, records), allowedAddresses: key.allowedIPs, createdBy: key.createdBy,
            labels: key.labels.map { ($0.key, $0.value) }, rateLimit: key.rateLimit ?? plan.rateLimit)
    }
}
