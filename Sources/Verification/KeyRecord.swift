/// What is known of an organization; one instance is shared by the records of all its keys.
public final class OrganizationFacts: Sendable {
    public let id: OrganizationID
    public let slug: String
    public let planName: String
    public let isSuspended: Bool
    /// For all its keys together, beside each key's own.
    public let rateLimit: RateLimitPolicy?

    public init(
        id: OrganizationID, slug: String, planName: String, isSuspended: Bool, rateLimit: RateLimitPolicy?
    ) {
        self.id = id
        self.slug = slug
        self.planName = planName
        self.isSuspended = isSuspended
        self.rateLimit = rateLimit
    }
}

/// Who made a key.
public struct Creator: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case user
        case apiKey = "api_key"
        case `operator`
    }

    public let kind: Kind
    /// As text, since each kind has its own sort of identifier.
    public let id: String
    public let name: String

    public init(kind: Kind, id: String, name: String) {
        self.kind = kind
        self.id = id
        self.name = name
    }
}

/// Everything that deciding about a key and answering for it needs. Facts only, never a decision: address,
/// permission and time are looked at afresh on every request.
///
/// A class, so that a hit hands out one reference and copies nothing.
public final class KeyRecord: Sendable {
    public let id: KeyID
    public let organization: OrganizationFacts
    public let digest: StoredDigest
    public let name: String
    public let preview: String
    public let isRevoked: Bool
    public let isDisabled: Bool
    /// The first moment at which the key is no longer good.
    public let expiresAt: Timestamp?
    /// For a key that has been rotated out: revoked from this moment on.
    public let overlapEndsAt: Timestamp?
    /// Every permission as stored, those that have gone from the catalogue included.
    public let grantedTexts: [String]
    /// Those in the catalogue, compiled.
    public let permissions: PermissionSet
    /// With `keys.ceiling: live`, what the creator holds now; the key can do no more.
    public let ceiling: PermissionSet?
    /// Empty for any.
    public let allowedAddresses: [CIDRBlock]
    public let createdBy: Creator
    /// Sorted by key.
    public let labels: [(key: String, value: String)]
    public let rateLimit: RateLimitPolicy

    public init(
        id: KeyID, organization: OrganizationFacts, digest: StoredDigest, name: String, preview: String,
        isRevoked: Bool, isDisabled: Bool, expiresAt: Timestamp?, overlapEndsAt: Timestamp?, grantedTexts: [String],
        permissions: PermissionSet, ceiling: PermissionSet?, allowedAddresses: [CIDRBlock], createdBy: Creator,
        labels: [(key: String, value: String)], rateLimit: RateLimitPolicy
    ) {
        self.id = id
        self.organization = organization
        self.digest = digest
        self.name = name
        self.preview = preview
        self.isRevoked = isRevoked
        self.isDisabled = isDisabled
        self.expiresAt = expiresAt
        self.overlapEndsAt = overlapEndsAt
        self.grantedTexts = grantedTexts
        self.permissions = permissions
        self.ceiling = ceiling
        self.allowedAddresses = allowedAddresses
        self.createdBy = createdBy
        self.labels = labels
        self.rateLimit = rateLimit
    }

    /// Roughly what the record takes in memory, in bytes, with its place in the cache and without what it shares
    /// with others (organization, permission sets that were interned).
    var approximateBytes: Int {
        let texts = name.utf8.count + preview.utf8.count + createdBy.name.utf8.count + createdBy.id.utf8.count
        let granted = grantedTexts.reduce(0) { $0 + $1.utf8.count + 32 }
        let compiled = permissions.permissions.reduce(0) { $0 + $1.bytes.count + 128 }
        let bounded = ceiling?.permissions.reduce(0) { $0 + $1.bytes.count + 128 } ?? 0
        let labelled = labels.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count + 64 }
        return 640 + texts + granted + compiled + bounded + labelled
            + allowedAddresses.count * MemoryLayout<CIDRBlock>.stride
    }
}
