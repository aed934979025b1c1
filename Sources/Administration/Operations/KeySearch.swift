import KeybearerVerification

/// Keys of one organization as a person looks for them: narrowed, in an order of their choice, page by page.
public struct KeySearch: Sendable, Hashable {
    public enum Order: String, Sendable, CaseIterable { case newest, name, used, expiry }

    public var status: KeyQuery.StatusFilter = .active
    /// Part of a name; upper and lower case ASCII letters count as the same.
    public var text: String?
    /// The identifier of the creator, `usr_…` or `key_…`.
    public var createdBy: String?
    public var order: Order = .newest
    /// How many keys come before the page.
    public var offset = 0
    public var limit = 20

    public init() {}
}

/// Why a key deserves another look.
public enum ReviewReason: String, Sendable, CaseIterable {
    /// The person who made it is no longer a member.
    case creatorLeft
    /// It holds `*:*`.
    case allowedEverything
    /// Within 14 days.
    case expiring
    /// It was used once, but not in 30 days.
    case unused
    case neverUsed
    case allowedNothing
}

/// The keys with one reason, at most as many as were asked for.
public struct ReviewFinding: Sendable {
    public let reason: ReviewReason
    public let keys: [APIKey]
}

extension Administration {
    public func searchKeys(_ search: KeySearch, _ permit: OrganizationPermit) async throws -> [APIKey] {
        let organization = permit.scope.organization.id
        let now = clock.now()
        return try await ledger.read { records in
            try records.find(search, in: organization, now: now).map { try records.existingKey($0, of: organization) }
        }
    }

    /// Live keys for which a reason to change or revoke them holds; reasons without keys are left out.
    ///
    /// - Parameter limit: of keys per reason.
    public func review(limit: Int, _ permit: OrganizationPermit) async throws -> [ReviewFinding] {
        let organization = permit.scope.organization.id
        let now = clock.now()
        return try await ledger.read { records in
            try ReviewReason.allCases.compactMap { reason in
                let keys = try records.keys(with: reason, in: organization, now: now, limit: limit)
                    .map { try records.existingKey($0, of: organization) }
                return keys.isEmpty ? nil : ReviewFinding(reason: reason, keys: keys)
            }
        }
    }
}
