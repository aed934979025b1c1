import KeybearerVerification

extension Validation {
    /// Applies a patch to a key, in the order of the contract's checks.
    func apply(_ patch: KeyPatch, to key: inout APIKey, _ permit: OrganizationPermit, now: Timestamp) throws {
        let authority = permit.scope.authority
        let name = patch.name.map { self.name($0) }
        let permissions = patch.permissions.map { self.permissions($0) }
        let addresses = patch.allowedIPs.map { self.allowedIPs($0) }
        let expiry = patch.expiresAt.map { self.expiry($0, now: now) }
        let labels = patch.labels.map { self.labels($0) }
        let early = (name?.faults ?? []) + (permissions?.faults ?? [])
        let faults = early + (addresses?.faults ?? []) + (expiry?.faults ?? []) + (labels?.faults ?? [])
        if early.isEmpty {
            // Permissions that left the catalogue match nothing, so nobody needs to hold them.
            try authority.mustHold(try permissions?.get() ?? rules.catalogue.effective(key.permissions))
        }
        guard faults.isEmpty else { throw Failure(faults: faults) }
        if let name { key.name = try name.get() }
        if let permissions { key.permissions = try permissions.get().permissions }
        if let addresses { key.allowedIPs = try addresses.get() }
        if let expiry { key.expiresAt = try expiry.get() }
        if let labels { key.labels = try labels.get() }
        if let enabled = patch.enabled { key.isDisabled = !enabled }
        if let rateLimit = patch.rateLimit { key.rateLimit = try self.rateLimit(rateLimit, authority) }
        try authority.mustBound(addresses: key.allowedIPs, expiresAt: key.expiresAt)
    }

    private func rateLimit(
        _ wanted: (requests: Int, windowSeconds: Int)?, _ authority: Authority
    ) throws -> RateLimitPolicy? {
        guard authority.isUnbounded else {
            throw Failure(.notAllowed, "Only the operator sets a key's own rate limit.")
        }
        guard let wanted else { return nil }
        guard let policy = RateLimitPolicy(requests: wanted.requests, windowSeconds: wanted.windowSeconds) else {
            throw Failure(faults: [
                Failure.Field("/rate_limit", .invalidRateLimit, "requests and window_seconds are 1 to 1000000000.")
            ])
        }
        return policy
    }
}

/// What a revoke answers: the key as it is now, and the proof that no node accepts it any more.
public struct RevokedKey: Sendable {
    public let key: APIKey
    /// Keys that the key had made, ended with it where that was asked.
    public let alsoRevoked: [APIKey]
    public let barrier: Barrier
}

extension Administration {
    /// Ends a key for good. Repeating it changes nothing but is committed anew, so that its answer is proven too.
    ///
    /// - Parameter cascade: also ends the keys that this key made, and those that these made.
    public func revokeKey(
        _ id: KeyID, reason: String?, cascade: Bool, _ permit: OrganizationPermit
    ) async throws -> RevokedKey {
        let organization = permit.scope.organization.id
        let committed = try await commit(permit, expecting: { _ in [.key(id, of: organization)] }) {
            [validation] writing, permit in
            let key = try writing.records.existingKey(id, of: organization)
            let reason = try validation.reason(reason)
            var ended = [try writing.revoke(key, reason: reason, permit)]
            if cascade {
                for child in try writing.records.descendants(of: key, now: writing.now) {
                    ended.append(try writing.revoke(child, reason: reason, permit))
                }
            }
            return ended
        }
        return RevokedKey(
            key: committed.value[0], alsoRevoked: Array(committed.value.dropFirst()), barrier: committed.barrier)
    }

    /// Replaces a key: a successor with the same settings and the same expiry; the old one works for the overlap.
    ///
    /// - Parameter overlapSeconds: 0…604800, by default a day.
    /// - Throws: `Failure` `not_found`, `invalid_overlap`, `key_not_active`, `feature_not_available`,
    ///   `permission_escalation`.
    public func rotateKey(
        _ id: KeyID, overlapSeconds: Int?, _ permit: OrganizationPermit, remembering: Remembering<APIKey>? = nil
    ) async throws -> KeyAnswer {
        let overlap = Int64(overlapSeconds ?? 86_400)
        guard (0...604_800).contains(overlap) else {
            throw Failure(faults: [
                Failure.Field("/overlap_seconds", .invalidOverlap, "The overlap is 0 to 604800 seconds.")
            ])
        }
        var random = SystemRandomNumberGenerator()
        let secret = Secret.generate(rules.keyFormat, using: &random)
        let sealed = rules.peppers.seal(secret.digest)
        let preview = secret.preview(rules.keyFormat)
        let newID = KeyID(at: clock.now(), using: &random)
        let organization = permit.scope.organization.id
        let answer = try await once(remembering, caller: permit.caller, organization: organization) { claim in
            let questions = (claim?.questions ?? []) + [.key(id, of: organization)]
            return try await commit(permit, expecting: { _ in questions }) { [rules] writing, permit in
                if let record = try claim?.replay(writing.records, now: writing.now) {
                    return Answer<APIKey>.replayed(record)
                }
                var old = try writing.records.existingKey(id, of: organization)
                try Quota(rules).mustAllowKeys(rules.plan(permit.scope.organization.plan))
                try Self.mustBeRotatable(old, now: writing.now)
                try permit.scope.authority.mustHold(rules.catalogue.effective(old.permissions))
                try permit.scope.authority.mustBound(addresses: old.allowedIPs, expiresAt: old.expiresAt)
                let successor = APIKey(
                    id: newID, organization: organization, name: old.name, digest: sealed, preview: preview,
                    permissions: old.permissions, allowedIPs: old.allowedIPs, labels: old.labels,
                    expiresAt: old.expiresAt, rateLimit: old.rateLimit, createdBy: permit.caller.creator,
                    createdAt: writing.now, rotatedFrom: old.id)
                old.successor = successor.id
                old.overlapEndsAt = writing.now.adding(seconds: overlap)
                if overlap == 0 {
                    old.revocation = APIKey.Revocation(at: writing.now, by: permit.caller.actor, reason: "rotated")
                }
                writing.write(.insertKey(successor))
                writing.write(.updateKey(old))
                var details = successor.auditDetails
                details["rotated_from"] = .text(old.id.description)
                details["overlap_seconds"] = .number(overlap)
                try writing.audit(permit, target: successor.id.description, details)
                claim?.remember(successor, in: &writing)
                return .fresh(successor)
            }.value
        }
        switch answer {
        case .fresh(let key): return .issued(IssuedKey(key: key, secret: secret))
        case .replayed(let record): return .replayed(record)
        }
    }

    private static func mustBeRotatable(_ key: APIKey, now: Timestamp) throws {
        switch key.status(at: now) {
        case .active: return
        case .rotating:
            throw Failure(.keyNotActive, "This key is being rotated already: rotate its successor.")
        case .disabled: throw Failure(.keyNotActive, "A disabled key is not rotated: enable it first.")
        case .expired, .revoked: throw Failure(.keyNotActive, "This key no longer works: create a new one.")
        }
    }
}

extension Writing {
    /// Ends one key. A key that is revoked already keeps its first revocation.
    mutating func revoke<Scope>(_ key: APIKey, reason: String?, _ permit: Permit<Scope>) throws -> APIKey {
        var ended = key
        if key.revocation == nil {
            ended.revocation = APIKey.Revocation(at: now, by: permit.caller.actor, reason: reason)
        }
        write(.updateKey(ended))
        try audit(
            permit, in: .organization(key.organization), target: key.id.description,
            ["reason": .optional(reason), "repeated": .flag(key.revocation != nil)])
        return ended
    }
}

extension KeyRecords {
    /// Live keys that the key made, directly or through keys that it made.
    func descendants(of key: APIKey, now: Timestamp) throws -> [APIKey] {
        var found: [APIKey] = []
        var makers = [key.id]
        var seen: Set<KeyID> = [key.id]
        while let maker = makers.popLast() {
            let query = KeyQuery(organization: key.organization, createdBy: maker.description)
            try forEachKey(query, now: now) { child in
                guard seen.insert(child.id).inserted else { return }
                makers.append(child.id)
                if child.status(at: now) != .revoked { found.append(child) }
            }
        }
        return found
    }

    /// Walks every key of a query, a page at a time.
    func forEachKey(_ query: KeyQuery, now: Timestamp, _ body: (APIKey) throws -> Void) throws {
        var after: KeyID?
        repeat {
            let page = try keys(query, Page(after: after, limit: 500), now: now)
            try page.forEach(body)
            after = page.count == 500 ? page.last?.id : nil
        } while after != nil
    }
}
