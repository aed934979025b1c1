import KeybearerVerification

/// What can be read inside one transaction. Composed of small groups, so that each stays readable.
///
/// Every question about something that belongs to an organization names that organization, except the few
/// that start from a secret's digest.
public typealias Records = OrganizationRecords & PeopleRecords & KeyRecords & CredentialRecords & AuditRecords
    & ForesightRecords

public protocol OrganizationRecords {
    /// Deleted organizations are not found.
    func organization(_ reference: OrganizationReference) throws -> Organization?
    func organizations(_ page: Page<OrganizationID>) throws -> [Organization]
    /// The organizations that the person is a member of, by slug.
    func organizations(of user: UserID) throws -> [Organization]
}

public protocol PeopleRecords {
    func user(_ reference: UserReference) throws -> User?
    func users(_ page: Page<UserID>) throws -> [User]
    func member(_ user: UserID, of organization: OrganizationID) throws -> Member?
    func members(of organization: OrganizationID, _ page: Page<UserID>) throws -> [MemberWithUser]
    func memberships(of user: UserID) throws -> [Member]
    /// Members with the role `owner` whose accounts are not disabled.
    func ownerCount(of organization: OrganizationID) throws -> Int
    func role(_ name: RoleName, of organization: OrganizationID) throws -> CustomRole?
    func roles(of organization: OrganizationID) throws -> [CustomRole]
    func hasMember(withRole name: RoleName, in organization: OrganizationID) throws -> Bool
    func invitation(_ id: InvitationID, of organization: OrganizationID) throws -> Invitation?
    func invitation(withToken digest: KeyDigest) throws -> Invitation?
    /// Invitations that are neither accepted nor expired at `now`.
    func openInvitations(of organization: OrganizationID, _ page: Page<InvitationID>, now: Timestamp) throws
        -> [Invitation]
}

public protocol KeyRecords {
    func key(_ id: KeyID, of organization: OrganizationID) throws -> APIKey?
    /// The key stored under the first of `digests` that is known, whatever its organization.
    func key(under digests: [StoredDigest]) throws -> APIKey?
    /// The organization of a key, for the operator, who names keys alone.
    func organization(ofKey id: KeyID) throws -> OrganizationID?
    /// Keys of every organization that is not deleted, for filling memory at start.
    func everyKey(_ page: Page<KeyID>) throws -> [APIKey]
    /// The digests of all keys, those of deleted organizations too, in ascending order; without the names of their
    /// peppers, which the index does not hold.
    ///
    /// - Parameter digest: the last of the page before; nil for the first page.
    func digests(after digest: StoredDigest?, limit: Int) throws -> [StoredDigest]
    /// How many keys there are, counted no further than `limit`.
    func keyCount(upTo limit: Int) throws -> Int
    func keys(_ query: KeyQuery, _ page: Page<KeyID>, now: Timestamp) throws -> [APIKey]
    /// Keys that hold a place in the quota; a rotating pair counts once.
    func quotaUse(of organization: OrganizationID, now: Timestamp) throws -> Int
    func usage(_ query: UsageQuery) throws -> UsageReport
    /// Whether there are counts of hours before the moment.
    func hasUsage(before moment: Timestamp) throws -> Bool
    func find(_ search: KeySearch, in organization: OrganizationID, now: Timestamp) throws -> [KeyID]
    /// Live keys that are not being replaced.
    func keys(with reason: ReviewReason, in organization: OrganizationID, now: Timestamp, limit: Int) throws -> [KeyID]
}

public protocol CredentialRecords {
    func session(withToken digest: KeyDigest) throws -> Session?
    func sessions(of user: UserID, now: Timestamp) throws -> [Session]
    func operatorToken(withToken digest: KeyDigest) throws -> OperatorToken?
    func operatorTokens() throws -> [OperatorToken]
    func signInLink(withToken digest: KeyDigest) throws -> SignInLink?
    func deviceLogin(withDeviceCode digest: KeyDigest) throws -> DeviceLogin?
    func deviceLogin(withUserCode digest: KeyDigest) throws -> DeviceLogin?
    /// How many logins started from one origin wait for an answer at `now`.
    func pendingDeviceLogins(from origin: String, now: Timestamp) throws -> Int
    func idempotencyRecord(_ claim: KeyDigest) throws -> IdempotencyRecord?
}

public protocol AuditRecords {
    /// The newest event; the checkpoint where all events are gone.
    func auditHead(of chain: AuditChain) throws -> AuditHead?
    func auditHeads() throws -> [AuditHead]
    /// Newest first; `before` is the position after which (going back) the page starts.
    func auditEvents(_ query: AuditQuery, before: Int64?, limit: Int) throws -> [AuditEvent]
    /// Oldest first, for recomputing a chain.
    func auditEvents(of chain: AuditChain, after position: Int64, limit: Int) throws -> [AuditEvent]
    /// nil where the chain has its first event.
    func auditCheckpoint(of chain: AuditChain) throws -> AuditCheckpoint?
    /// Chains whose oldest event is older than the moment, the oldest first.
    func auditChains(beginningBefore moment: Timestamp, limit: Int) throws -> [AuditChain]
}

/// A part of a list, newest first: at most `limit` items with identifiers below `after`.
public struct Page<ID: Sendable & Hashable>: Sendable, Hashable {
    public let after: ID?
    public let limit: Int

    public init(after: ID? = nil, limit: Int) {
        self.after = after
        self.limit = limit
    }
}
