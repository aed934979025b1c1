import Synchronization

/// A change to what memory holds, to be applied after it was committed and before its answer is sent.
public enum CacheEffect: Sendable, Hashable {
    case key(StoredDigest)
    /// Every key of the organization, for a change of plan, suspension or members.
    case organization(OrganizationID)
    case everything
}

/// Records in memory, by digest, within a bound of bytes; what is least used goes first.
///
/// It also remembers, within a bound of number, digests that have no record. After `fill` or `gather` it knows which
/// digests there are and answers for unknown ones without a load, until everything is invalidated.
///
/// Whatever is invalidated stays invalid: a load that began before the invalidation does not put back what it read,
/// and a request that arrives afterwards does not wait for it but begins another.
public final class RecordCache: Sendable {
    /// What memory says of a digest.
    public enum Lookup: Sendable {
        case hit(KeyRecord)
        /// There is certainly no record.
        case absent
        /// Refused by `deny`.
        case denied
        /// Memory cannot say.
        case miss
    }

    /// The windows of keys that are not in memory, and of organizations.
    let limiter: RateLimiter
    /// What is counted of all but valid calls of keys in memory; it takes in theirs when it is drained.
    let meter: UsageMeter
    let shards: [CacheShard]
    // The same; `shards` keeps them.
    private let states: [Guarded<ShardState>.Unowned]
    let budget: CacheBudget
    private let loads: SharedLoads
    private let begun = Atomic(0)

    /// - Parameters:
    ///   - capacityInBytes: for records, the tables that find them and the filter of the digests that exist, by an
    ///     estimate that errs upwards.
    ///   - absentCapacity: how many unknown digests are remembered, about 100 bytes each.
    ///   - loadDeadline: how long any request waits for a load.
    ///   - shards: how many locks share the digests; rounded up to a power of two.
    public init(
        capacityInBytes: Int, absentCapacity: Int = 65_536, loadDeadline: Duration = .seconds(2), shards: Int = 256,
        limiter: RateLimiter = RateLimiter(), meter: UsageMeter = UsageMeter()
    ) {
        let count = Sharding.count(atLeast: shards)
        let budget = CacheBudget(capacityInBytes: capacityInBytes)
        let mostInFilter = budget.mostInFilter / count
        self.shards = (0..<count).map { _ in
            CacheShard(
                absentCapacity: max(1, absentCapacity / count), budget: budget, limiter: limiter,
                mostInFilter: mostInFilter)
        }
        states = self.shards.map(\.unowned)
        self.budget = budget
        self.limiter = limiter
        self.meter = meter
        loads = SharedLoads(deadline: loadDeadline)
        meter.include(self.shards)
    }

    public func lookup(_ digest: StoredDigest) -> Lookup { shard(of: digest).lookup(digest) }

    /// Finds, decides and counts in one turn.
    func decide(_ digest: StoredDigest, _ request: AccessRequest, _ now: Timestamp) -> Answer {
        states[index(of: digest)].withLock { $0.decide(digest, request, now) }
    }

    /// Brings what deciding about the digests looks at near to the processor: first their cells, all at the same
    /// time, and then what answers need.
    func prefetch(_ digests: [StoredDigest]) {
        for digest in digests { states[index(of: digest)].withLock { $0.table.prefetchCell(digest) } }
        for digest in digests { states[index(of: digest)].withLock { $0.table.prefetchBlock(digest) } }
    }

    /// The same for a record that was just loaded, whether or not it was kept.
    func decide(_ record: KeyRecord, _ request: AccessRequest, _ now: Timestamp) -> Answer {
        shard(of: record.digest).decide(record, request, now)
    }

    /// What the key's own rate limit would say; takes nothing.
    func peek(_ record: KeyRecord, cost: Int, _ now: Timestamp) -> Admission {
        shard(of: record.digest).peek(record, cost: cost, now)
    }

    /// Adds to the shared window of a key, or of an organization where no digest is given.
    func grant(_ amount: Int, _ wish: GrantWish, digest: StoredDigest?, _ now: Timestamp) {
        if let digest, shard(of: digest).grant(amount, to: digest, wish.policy, end: wish.windowEnd) { return }
        limiter.grant(amount, to: wish.holder, wish.policy, end: wish.windowEnd, now)
    }

    /// Undoes what a decision took from the window with this end.
    func giveBack(_ cost: Int, to record: KeyRecord, end: Int64) {
        shard(of: record.digest).giveBack(cost, to: record, end: end)
    }

    /// The record under any of the digests, from the source. Concurrent calls for the same digests share one load,
    /// and loads that wait at the same time share one question.
    /// - Throws: what the source throws, or `LoadError`.
    public func load(_ digests: [StoredDigest], from source: any KeyRecordSource) async throws -> KeyRecord? {
        guard let name = digests.first else { return nil }
        // Read before the source is, so that an invalidation in between is noticed.
        let generations = digests.map { shard(of: $0).generation }
        return try await loads.value(of: name, digests, generations, from: source) { [self] record throws(LoadError) in
            if let record, !digests.contains(record.digest) { throw .wrongRecord }
            keep(record, of: digests, generations: generations)
        }
    }

    public func apply(_ effects: [CacheEffect]) {
        for effect in effects {
            switch effect {
            case .key(let digest): invalidate([digest])
            case .organization(let id): invalidate(organization: id)
            case .everything: invalidateAll()
            }
        }
    }

    /// Forgets what is known of the digests, their absence and a `deny` included.
    public func invalidate(_ digests: [StoredDigest]) {
        for digest in digests { shard(of: digest).invalidate(digest) }
    }

    /// Forgets the organization's records. Reads through all there are, since such changes are rare and an index
    /// would cost memory for every key.
    public func invalidate(organization: OrganizationID) {
        for shard in shards { shard.invalidate(organization: organization) }
    }

    /// Forgets everything but what `deny` refuses.
    public func invalidateAll() {
        begun.add(1, ordering: .relaxed)
        for shard in shards { shard.invalidateAll() }
    }

    /// Refuses the digest until it is invalidated by name: for a key whose revocation may or may not have been
    /// committed.
    public func deny(_ digest: StoredDigest) { shard(of: digest).deny(digest) }

    /// Of the records, what finds them and the filter, by estimate.
    public var byteCount: Int { budget.byteCount }

    /// How many times everything was invalidated.
    public var beginnings: Int { begun.load(ordering: .relaxed) }

    /// Of the records.
    public var count: Int { shards.reduce(0) { $0 + $1.count } }

    private func keep(_ record: KeyRecord?, of digests: [StoredDigest], generations: [UInt64]) {
        guard let record else {
            for (digest, generation) in zip(digests, generations) {
                shard(of: digest).insertAbsent(digest, generation: generation)
            }
            return
        }
        guard let position = digests.firstIndex(of: record.digest) else { return }
        let index = index(of: record.digest)
        shards[index].insert(record, generation: generations[position])
        makeRoom(index)
    }

    // From the shard that has just grown first, and from the next ones where it has nothing left: digests are random,
    // so the shards stay alike. One lock at a time.
    func makeRoom(_ start: Int) {
        var index = start
        while budget.isExceeded {
            if shards[index].evictOne() { continue }
            index = (index + 1) & (shards.count - 1)
            if index == start { return }
        }
    }

    func index(of digest: StoredDigest) -> Int { Int(truncatingIfNeeded: digest.words.w3) & (shards.count - 1) }

    private func shard(of digest: StoredDigest) -> CacheShard { shards[index(of: digest)] }
}

extension RecordCache {
    /// What `decide` comes to.
    enum Answer {
        case judged(Judgement)
        case absent
        case denied
        /// Memory cannot say.
        case miss

        init(_ lookup: Lookup) {
            switch lookup {
            case .absent: self = .absent
            case .denied: self = .denied
            case .hit, .miss: self = .miss
            }
        }
    }
}
