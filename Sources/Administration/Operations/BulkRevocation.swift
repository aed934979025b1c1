import KeybearerVerification

/// Which keys to revoke at once; at least one part has to be set, and every part that is set narrows the rest.
public struct BulkFilter: Sendable {
    public var ids: [String]?
    public var createdBy: String?
    /// `key` or `key=value`.
    public var label: String?
    /// RFC 3339.
    public var unusedSince: String?

    public init(ids: [String]? = nil, createdBy: String? = nil, label: String? = nil, unusedSince: String? = nil) {
        self.ids = ids
        self.createdBy = createdBy
        self.label = label
        self.unusedSince = unusedSince
    }
}

/// The keys that a bulk revocation ended, or would end.
public struct BulkRevocation: Sendable {
    public let keys: [APIKey]
    /// nil for a dry run.
    public let barrier: Barrier?
}

extension Administration {
    /// Revokes every key of the organization that the filter finds and that is not revoked yet.
    ///
    /// - Throws: `Failure` `invalid_filter`.
    public func revokeKeys(
        _ filter: BulkFilter, reason: String?, dryRun: Bool, _ permit: OrganizationPermit
    ) async throws -> BulkRevocation {
        let organization = permit.scope.organization.id
        let query = try validation.query(filter, organization: organization)
        let reason = try validation.reason(reason)
        if dryRun {
            let now = clock.now()
            let keys = try await ledger.read { try $0.revocable(query, now: now) }
            return BulkRevocation(keys: keys, barrier: nil)
        }
        let committed = try await commit(permit) { writing, permit in
            try writing.records.revocable(query, now: writing.now).map {
                try writing.revoke($0, reason: reason, permit)
            }
        }
        return BulkRevocation(keys: committed.value, barrier: committed.barrier)
    }
}

extension KeyRecords {
    fileprivate func revocable(_ query: KeyQuery, now: Timestamp) throws -> [APIKey] {
        var found: [APIKey] = []
        try forEachKey(query, now: now) { key in
            if key.status(at: now) != .revoked { found.append(key) }
        }
        return found
    }
}

extension Validation {
    fileprivate func query(_ filter: BulkFilter, organization: OrganizationID) throws -> KeyQuery {
        var query = KeyQuery(organization: organization)
        var isEmpty = true
        func fault(_ pointer: String, _ detail: String) -> Failure {
            Failure(faults: [Failure.Field("/filter\(pointer)", .invalidFilter, detail)])
        }
        if let ids = filter.ids {
            guard (1...1000).contains(ids.count) else { throw fault("/ids", "Name 1 to 1000 keys.") }
            query.ids = ids.compactMap { KeyID($0) }
            isEmpty = false
        }
        if let creator = filter.createdBy {
            guard !creator.isEmpty else { throw fault("/created_by", "Name a person or a key by its identifier.") }
            query.createdBy = creator
            isEmpty = false
        }
        if let label = filter.label {
            guard !label.isEmpty else { throw fault("/label", "Write a label as key or key=value.") }
            let parts = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query.label = (String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
            isEmpty = false
        }
        if let unused = filter.unusedSince {
            guard let moment = Timestamp(rfc3339: unused) else {
                throw fault("/unused_since", "Write an RFC 3339 time, such as 2026-10-01T00:00:00Z.")
            }
            query.unusedSince = moment
            isEmpty = false
        }
        guard !isEmpty else {
            throw fault("", "An empty filter would mean every key: name ids, created_by, label or unused_since.")
        }
        return query
    }
}
