import KeybearerVerification
import Logging

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
    /// What one record takes in memory at least; where more keys than fit, their digests alone are read.
    private static let leastBytes = 160

    /// Lets memory know which keys there are, so that unknown ones cost no read: by every record, where all of them fit,
    /// and else by their digests.
    ///
    /// - Parameter gently: whether there are pauses between what is read.
    /// - Throws: `FillAbandoned` where memory began anew meanwhile; what the ledger throws.
    public func fill(_ memory: RecordCache, gently: Bool = false) async throws {
        let most = memory.capacityInBytes / Self.leastBytes
        let count = try await ledger.read { try $0.keyCount(upTo: max(most, memory.mostInFilter) + 1) }
        if !memory.isKnown, count <= most, try await takeInRecords(memory, gently) { return }
        try await gatherDigests(memory, expecting: count, gently)
    }

    /// Newest first.
    ///
    /// - Returns: whether all of them did fit.
    private func takeInRecords(_ memory: RecordCache, _ gently: Bool) async throws -> Bool {
        let beginnings = memory.beginnings
        do {
            try await memory.fill { [self] insert in
                var after: KeyID?
                repeat {
                    let began = ContinuousClock.now
                    let page = Page(after: after, limit: 500)
                    let (last, isFull) = try await ledger.read { [authorization, facts, sharesLimits] records in
                        let keys = try records.everyKey(page)
                        try records.expect(Set(keys.map(\.organization)).map { .organization(.id($0)) })
                        for key in keys {
                            guard let organization = try records.organization(.id(key.organization)) else { continue }
                            insert(
                                try authorization.record(of: key, organization, records, sharing: facts, sharesLimits))
                        }
                        return (keys.last?.id, keys.count == page.limit)
                    }
                    try Self.mustGoOn(memory)
                    after = isFull ? last : nil
                    if isFull, gently { try await Self.pause(since: began) }
                } while after != nil
            }
            return true
        } catch is FillAbandoned where memory.beginnings == beginnings {
            return false
        }
    }

    private func gatherDigests(_ memory: RecordCache, expecting count: Int, _ gently: Bool) async throws {
        try await memory.gather(expecting: count) { [self] insert in
            var after: StoredDigest?
            repeat {
                let began = ContinuousClock.now
                let (last, isFull) = try await ledger.read { [after] records in
                    let limit = 1_000
                    let digests = try records.digests(after: after, limit: limit)
                    digests.forEach(insert)
                    return (digests.last, digests.count == limit)
                }
                try Self.mustGoOn(memory)
                after = isFull ? last : nil
                if isFull, gently { try await Self.pause(since: began) }
            } while after != nil
        }
    }

    /// So that the reading takes a quarter of a processor at most.
    private static func pause(since began: ContinuousClock.Instant) async throws {
        try await Task.sleep(for: (ContinuousClock.now - began) * 3)
    }

    private static func mustGoOn(_ memory: RecordCache) throws {
        try Task.checkCancellation()
        guard memory.isFilling else { throw FillAbandoned() }
    }

    /// Fills memory, and again within seconds, but gently, whenever it has begun anew or many keys have come since, until
    /// the task is cancelled.
    public func keepFilled(_ memory: RecordCache, logger: Logger) async {
        var isFirst = true
        while !Task.isCancelled {
            if !memory.isKnown || memory.isCrowded {
                await fill(memory, gently: !isFirst, logger)
                isFirst = false
            }
            do { try await Task.sleep(for: .seconds(5)) } catch { return }
        }
    }

    private func fill(_ memory: RecordCache, gently: Bool, _ logger: Logger) async {
        do {
            try await fill(memory, gently: gently)
            if memory.isComplete {
                logger.info("memory holds every key", metadata: ["keys": "\(memory.count)"])
            } else {
                logger.info("memory knows the digest of every key")
            }
        } catch is CancellationError {
            return
        } catch is FillAbandoned {
            logger.info("memory has begun anew while it was filled")
        } catch {
            logger.warning("memory could not be filled; keys are read as they are asked for")
        }
    }
}

/// Memory has begun anew, or could not hold what it was given.
public struct FillAbandoned: Error {}

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
