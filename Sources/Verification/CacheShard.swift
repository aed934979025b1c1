/// Some of a cache's digests, under one lock that is held for a few look-ups at a time.
final class CacheShard: Sendable {
    private let state: Guarded<State>

    init(capacityInBytes: Int, absentCapacity: Int) {
        state = Guarded(
            State(records: ClockStore(capacityInBytes: capacityInBytes), absent: AbsentRing(absentCapacity)))
    }

    /// Moves with every invalidation in this shard.
    var generation: UInt64 { state.withLock { $0.generation } }
    var byteCount: Int { state.withLock { $0.records.byteCount } }
    var count: Int { state.withLock { $0.records.count } }
    var isComplete: Bool { state.withLock { $0.isComplete } }

    func lookup(_ digest: StoredDigest) -> RecordCache.Lookup {
        state.withLock { state in
            if !state.denied.isEmpty && state.denied.contains(digest) { return .denied }
            if let record = state.records.find(digest) { return .hit(record) }
            if state.isComplete && !state.unsure.contains(digest) || state.absent.contains(digest) { return .absent }
            return .miss
        }
    }

    func insert(_ record: KeyRecord, cost: Int, generation: UInt64) {
        state.withLock { state in
            if state.generation == generation { state.insert(record, cost: cost) }
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
            for digest in state.records.digests(where: { $0.organization.id == organization }) { state.forget(digest) }
        }
    }

    func invalidateAll() {
        state.withLock { state in
            state.generation += 1
            state.abandonCompleteness()
            state.records.removeAll()
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

    /// The number of the fill, which `insert` and `finishFill` are to be called with.
    func beginFill() -> UInt64 {
        state.withLock { state in
            state.abandonCompleteness()
            state.isFilling = true
            return state.fill
        }
    }

    func insert(_ record: KeyRecord, cost: Int, fill: UInt64) {
        state.withLock { state in
            guard state.fill == fill, state.isFilling, !state.unsure.contains(record.digest) else { return }
            if state.changedDuringFill.contains(record.organization.id) {
                state.forget(record.digest)
            } else {
                state.insert(record, cost: cost)
            }
        }
    }

    func finishFill(_ fill: UInt64) {
        state.withLock { state in
            guard state.fill == fill, state.isFilling else { return }
            state.isFilling = false
            state.changedDuringFill = []
            state.isComplete = true
            state.absent.removeAll()
        }
    }
}

private struct State: ~Copyable {
    var records: ClockStore
    var absent: AbsentRing
    var denied: Set<StoredDigest> = []
    var generation: UInt64 = 0

    /// Whether a digest that is not here has no record, unless it is `unsure`.
    var isComplete = false
    var isFilling = false
    /// Moves when a fill begins and when one is abandoned, so that a late one changes nothing.
    var fill: UInt64 = 0
    /// Digests that changed while the set was, or was becoming, complete, and have not been loaded since.
    var unsure: Set<StoredDigest> = []
    var changedDuringFill: Set<OrganizationID> = []

    init(records: ClockStore, absent: AbsentRing) {
        self.records = records
        self.absent = absent
    }

    private static let mostUnsure = 4096

    // While the set is being read, what changed stays unsure even once it was loaded: the old row may still come.
    mutating func becomeSure(of digest: StoredDigest) {
        if !isFilling { unsure.remove(digest) }
    }

    mutating func insert(_ record: KeyRecord, cost: Int) {
        becomeSure(of: record.digest)
        absent.remove(record.digest)
        let lost = records.insert(record, cost: cost)
        if lost { abandonCompleteness() }
    }

    mutating func forget(_ digest: StoredDigest) {
        records.remove(digest)
        absent.remove(digest)
        guard isComplete || isFilling else { return }
        unsure.insert(digest)
        if unsure.count > Self.mostUnsure { abandonCompleteness() }
    }

    mutating func abandonCompleteness() {
        fill += 1
        isComplete = false
        isFilling = false
        unsure = []
        changedDuringFill = []
    }
}
