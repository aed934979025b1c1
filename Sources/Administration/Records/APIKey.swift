import KeybearerVerification

/// A key as it is kept: everything but its secret.
public struct APIKey: Sendable, Hashable {
    public let id: KeyID
    public let organization: OrganizationID
    public var name: String
    public var digest: StoredDigest
    public let preview: String
    public var permissions: [Permission]
    /// Empty means any address.
    public var allowedIPs: [CIDRBlock]
    public var labels: [Label]
    public var isDisabled: Bool
    public var expiresAt: Timestamp?
    /// A limit of this key's own instead of the plan's; set by the operator only.
    public var rateLimit: RateLimitPolicy?
    public let createdBy: Creator
    public let createdAt: Timestamp
    public var revocation: Revocation?
    public let rotatedFrom: KeyID?
    public var successor: KeyID?
    /// Set on a key that was rotated out: from this moment it counts as revoked.
    public var overlapEndsAt: Timestamp?
    /// Written by metering, never by a change.
    public let lastUse: LastUse?

    public struct Label: Sendable, Hashable {
        public let key: String
        public let value: String

        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    public struct Revocation: Sendable, Hashable {
        public let at: Timestamp
        /// The audit name of whoever revoked, such as `user:usr_…`.
        public let by: String
        public let reason: String?

        public init(at: Timestamp, by: String, reason: String?) {
            self.at = at
            self.by = by
            self.reason = reason
        }
    }

    public struct LastUse: Sendable, Hashable {
        public let at: Timestamp
        public let address: IPAddress?

        public init(at: Timestamp, address: IPAddress?) {
            self.at = at
            self.address = address
        }
    }

    public enum Status: String, Sendable, CaseIterable { case active, disabled, rotating, expired, revoked }

    public init(
        id: KeyID, organization: OrganizationID, name: String, digest: StoredDigest, preview: String,
        permissions: [Permission], allowedIPs: [CIDRBlock], labels: [Label], isDisabled: Bool = false,
        expiresAt: Timestamp?, rateLimit: RateLimitPolicy? = nil, createdBy: Creator, createdAt: Timestamp,
        revocation: Revocation? = nil, rotatedFrom: KeyID? = nil, successor: KeyID? = nil,
        overlapEndsAt: Timestamp? = nil, lastUse: LastUse? = nil
    ) {
        self.id = id
        self.organization = organization
        self.name = name
        self.digest = digest
        self.preview = preview
        self.permissions = permissions
        self.allowedIPs = allowedIPs
        self.labels = labels
        self.isDisabled = isDisabled
        self.expiresAt = expiresAt
        self.rateLimit = rateLimit
        self.createdBy = createdBy
        self.createdAt = createdAt
        self.revocation = revocation
        self.rotatedFrom = rotatedFrom
        self.successor = successor
        self.overlapEndsAt = overlapEndsAt
        self.lastUse = lastUse
    }

    public func status(at now: Timestamp) -> Status {
        if revocation != nil { return .revoked }
        if let overlapEndsAt, overlapEndsAt <= now { return .revoked }
        if let expiresAt, expiresAt <= now { return .expired }
        if isDisabled { return .disabled }
        return overlapEndsAt == nil ? .active : .rotating
    }

    /// Whether the key still holds a place in the quota, a rotating pair aside.
    public func isLive(at now: Timestamp) -> Bool {
        switch status(at: now) {
        case .active, .disabled, .rotating: true
        case .expired, .revoked: false
        }
    }
}

/// Which keys of one organization are meant; every part that is set narrows the rest.
public struct KeyQuery: Sendable, Hashable {
    public enum StatusFilter: String, Sendable, CaseIterable {
        /// Everything that is neither expired nor revoked, so also disabled and rotating keys.
        case active
        case expired, revoked, all
    }

    public var organization: OrganizationID
    public var status: StatusFilter
    public var ids: [KeyID]?
    /// The identifier of the creator, `usr_…` or `key_…`.
    public var createdBy: String?
    /// A label that the key carries; a nil value means any value.
    public var label: (key: String, value: String?)? {
        get { labelKey.map { ($0, labelValue) } }
        set { (labelKey, labelValue) = (newValue?.key, newValue?.value) }
    }
    /// Keys whose last use (or creation, where never used) lies before this moment.
    public var unusedSince: Timestamp?
    private var labelKey: String?
    private var labelValue: String?

    public init(
        organization: OrganizationID, status: StatusFilter = .all, ids: [KeyID]? = nil, createdBy: String? = nil
    ) {
        self.organization = organization
        self.status = status
        self.ids = ids
        self.createdBy = createdBy
    }
}

/// What metering knows of one key.
public struct UsageReport: Sendable, Hashable {
    public struct Bucket: Sendable, Hashable {
        public let start: Timestamp
        public let counts: [Verdict: Int64]

        public init(start: Timestamp, counts: [Verdict: Int64]) {
            self.start = start
            self.counts = counts
        }
    }

    public let buckets: [Bucket]
    public let lastUse: APIKey.LastUse?
    /// Granted permission (as text) → the hour of its last use.
    public let permissionLastUse: [String: Timestamp]
    /// The newest first, at most 20.
    public let denials: [Denial]

    public init(
        buckets: [Bucket], lastUse: APIKey.LastUse?, permissionLastUse: [String: Timestamp], denials: [Denial]
    ) {
        self.buckets = buckets
        self.lastUse = lastUse
        self.permissionLastUse = permissionLastUse
        self.denials = denials
    }
}

/// A span of hours or days that a usage report is asked for.
public struct UsageQuery: Sendable, Hashable {
    public enum Granularity: String, Sendable, CaseIterable { case hour, day }

    public let key: KeyID
    public let organization: OrganizationID
    public let from: Timestamp
    public let to: Timestamp
    public let granularity: Granularity

    public init(
        key: KeyID, organization: OrganizationID, from: Timestamp, to: Timestamp, granularity: Granularity
    ) {
        self.key = key
        self.organization = organization
        self.from = from
        self.to = to
        self.granularity = granularity
    }
}
