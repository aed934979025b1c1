import KeybearerVerification

/// A signed-in person's token, kept as its digest.
public struct Session: Sendable, Hashable {
    public enum Kind: String, Sendable, CaseIterable { case console, token }

    public let id: SessionID
    public let user: UserID
    public let kind: Kind
    public let tokenDigest: KeyDigest
    public let createdAt: Timestamp
    public let expiresAt: Timestamp
    public var lastSeenAt: Timestamp
    public let address: IPAddress?
    /// Set on a session that the operator's own sign-in opened: the only organization it may act in.
    public let organization: OrganizationID?
    /// The operator token's name behind such a session.
    public let viaOperator: String?

    public init(
        id: SessionID, user: UserID, kind: Kind, tokenDigest: KeyDigest, createdAt: Timestamp, expiresAt: Timestamp,
        lastSeenAt: Timestamp, address: IPAddress?, organization: OrganizationID? = nil, viaOperator: String? = nil
    ) {
        self.id = id
        self.user = user
        self.kind = kind
        self.tokenDigest = tokenDigest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastSeenAt = lastSeenAt
        self.address = address
        self.organization = organization
        self.viaOperator = viaOperator
    }
}

/// A token of the operator, who may do anything; read from the database on each use.
public struct OperatorToken: Sendable, Hashable {
    public let id: OperatorTokenID
    public let name: String
    public let tokenDigest: KeyDigest
    public let isReadOnly: Bool
    /// Empty means any address.
    public let allowedIPs: [CIDRBlock]
    public let createdAt: Timestamp
    public let expiresAt: Timestamp?
    public var revokedAt: Timestamp?

    public init(
        id: OperatorTokenID, name: String, tokenDigest: KeyDigest, isReadOnly: Bool, allowedIPs: [CIDRBlock],
        createdAt: Timestamp, expiresAt: Timestamp?, revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.tokenDigest = tokenDigest
        self.isReadOnly = isReadOnly
        self.allowedIPs = allowedIPs
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}

/// The operator's one-time way to sign a person in (60 seconds, single use).
public struct SignInLink: Sendable, Hashable {
    public let tokenDigest: KeyDigest
    public let user: UserID
    public let organization: OrganizationID
    public let viaOperator: String
    public let expiresAt: Timestamp
    public var usedAt: Timestamp?

    public init(
        tokenDigest: KeyDigest, user: UserID, organization: OrganizationID, viaOperator: String, expiresAt: Timestamp,
        usedAt: Timestamp? = nil
    ) {
        self.tokenDigest = tokenDigest
        self.user = user
        self.organization = organization
        self.viaOperator = viaOperator
        self.expiresAt = expiresAt
        self.usedAt = usedAt
    }
}

/// What a repeated POST is answered with: the first answer, without its secrets.
public struct IdempotencyRecord: Sendable, Hashable {
    /// Digest over organization, caller, method, path and the client's `Idempotency-Key`.
    public let claim: KeyDigest
    public let bodyDigest: KeyDigest
    public let status: Int
    public let answer: [UInt8]
    public let expiresAt: Timestamp

    public init(claim: KeyDigest, bodyDigest: KeyDigest, status: Int, answer: [UInt8], expiresAt: Timestamp) {
        self.claim = claim
        self.bodyDigest = bodyDigest
        self.status = status
        self.answer = answer
        self.expiresAt = expiresAt
    }
}
