/// Some of a cache's digests, under one lock that is held for a few look-ups at a time.
final class CacheShard: Sendable {
    private let state: Guarded<ShardState>
    /// Good while this lives.
    var unowned: Guarded<ShardState>.Unowned { state.unowned }

    init(absentCapacity: Int, budget: CacheBudget, limiter: RateLimiter, mostInFilter: Int) {
        state = Guarded(
            ShardState(
                absent: AbsentRing(absentCapacity), budget: budget, limiter: limiter, mostInFilter: mostInFilter))
    }

    /// Moves with every invalidation in this shard.
    var generation: UInt64 { state.withLock { $0.generation } }
    var count: Int { state.withLock { $0.table.count } }
    var isComplete: Bool { state.withLock { $0.isComplete } }
    var isKnown: Bool { state.withLock { $0.isKnown } }
    var isCrowded: Bool { state.withLock { $0.isCrowded } }
    /// Whether a fill or a gathering goes on and has not been abandoned.
    var isFilling: Bool { state.withLock { $0.isFilling || $0.gathered.isKnown } }
    var validCount: UInt64 { state.withLock { $0.usage.total } }

    func lookup(_ digest: StoredDigest) -> RecordCache.Lookup {
        state.withLock { state in
            if state.isDenied(digest) { return .denied }
            guard let position = state.table.find(digest) else { return state.absence(of: digest) }
            state.table.markUsed(position)
            return .hit(state.table.record(at: position))
        }
    }

    /// The whole verification of a record that was just loaded, and may or may not be here.
    func decide(_ record: KeyRecord, _ request: AccessRequest, _ now: Timestamp) -> RecordCache.Answer {
        state.withLock { state in
            if state.isDenied(record.digest) { return .denied }
            guard let position = state.table.find(record.digest) else {
                return .judged(state.judge(record, request, now))
            }
            return .judged(state.judge(position, request, now))
        }
    }

    func peek(_ record: KeyRecord, cost: Int, _ now: Timestamp) -> Admission {
        state.withLock { state in
            state.table.find(record.digest).map { state.table[$0].window.peek(cost, record.rateLimit, now) }
                ?? state.limiter.peek(cost, of: record.id, record.rateLimit, now)
        }
    }

    func giveBack(_ cost: Int, to record: KeyRecord, end: Int64) {
        state.withLock { state in
            if let position = state.table.find(record.digest) {
                state.table[position].window.giveBack(cost, end: end)
            } else {
                state.limiter.giveBack(cost, of: record.id, end: end)
            }
        }
    }

    /// Adds to a shared window of a key that is here; false where it is not.
    func grant(_ amount: Int, to digest: StoredDigest, _ policy: RateLimitPolicy, end: Int64) -> Bool {
        state.withLock { state in
            guard let position = state.table.find(digest) else { return false }
            state.table[position].window.grant(amount, policy, end: end)
            return true
        }
    }

    /// Gives the usage counted since the last time in exchange for memory without any.
    func exchangeUsage(_ entries: inout UsageEntries) { state.withLock { $0.exchangeUsage(&entries) } }

    /// Takes in what a load has read, unless something has changed since it began. Nor does it replace what a fill has
    /// put here meanwhile: whichever of the two read last is not known, and memory does not go back to an older state.
    func insert(_ record: KeyRecord, generation: UInt64) {
        state.withLock { state in
            let isCurrent = state.generation == generation && state.table.find(record.digest) == nil
            if isCurrent || BreakableRule.loadsDoNotResurrect.isBroken { state.insert(record) }
        }
    }

    func insertAbsent(_ digest: StoredDigest, generation: UInt64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            state.becomeSure(of: digest)
            if !state.isComplete { state.absent.insert(digest) }
        }
    }

    func invalidate(_ digest: StoredDigest) {
        state.withLock { state in
            state.generation += 1
            state.denied.remove(digest)
            state.forget(digest)
        }
    }

    func invalidate(organization: OrganizationID) {
        state.withLock { state in
            state.generation += 1
            if state.isFilling { state.changedDuringFill.insert(organization) }
            let changed = state.table.positions.map { state.table.record(at: $0) }
                .filter { $0.organization.id == organization }
            for record in changed { state.forget(record.digest) }
        }
    }

    func invalidateAll() {
        state.withLock { state in
            state.generation += 1
            state.forgetSet()
            state.removeAll()
            state.absent.removeAll()
        }
    }

    func deny(_ digest: StoredDigest) {
        state.withLock { state in
            state.generation += 1
            state.denied.insert(digest)
            state.forget(digest)
        }
    }

    /// Lets something go for another shard's sake; false where there is nothing.
    func evictOne() -> Bool { state.withLock { $0.evictOne() } }

    /// The number of the fill, which `insert` and what ends it are to be called with.
    func beginFill() -> UInt64 { state.withLock { $0.beginFill() } }

    func insert(_ record: KeyRecord, fill: UInt64) {
        state.withLock { state in
            guard state.fill == fill, state.isFilling, !state.unsure.contains(record.digest) else { return }
            // What was loaded meanwhile may be newer, and what a change made old has been forgotten: what is here stays.
            guard state.table.find(record.digest) == nil else { return }
            if state.changedDuringFill.contains(record.organization.id) {
                state.forget(record.digest)
            } else {
                state.insert(record)
            }
        }
    }

    func finishFill(_ fill: UInt64) { state.withLock { $0.finishFill(fill) } }

    func abandonFill(_ fill: UInt64) {
        state.withLock { state in
            if state.fill == fill { state.endCompleteness() }
        }
    }

    /// The number of the gathering, which `gather` and what ends it are to be called with.
    func beginGathering(_ count: Int) -> UInt64 { state.withLock { $0.beginGathering(count) } }

    func gather(_ digest: StoredDigest, _ gathering: UInt64) { state.withLock { $0.gather(digest, gathering) } }

    func finishGathering(_ gathering: UInt64) { state.withLock { $0.finishGathering(gathering) } }

    func abandonGathering(_ gathering: UInt64) { state.withLock { $0.abandonGathering(gathering) } }
}
