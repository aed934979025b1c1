import Synchronization

/// Counts every outcome in memory, for a writer that comes by every few seconds. Nothing here waits for a write.
///
/// Only keys that exist have an entry, and each is of bounded size; for all else there are the totals.
public final class UsageMeter: Sendable {
    private let shards: [MeterShard]
    private let keyless = VerdictCounters()
    /// What counts valid calls beside the records in memory.
    private let memory = Guarded<[CacheShard]>([])

    /// - Parameter shards: how many locks share the keys; rounded up to a power of two.
    public init(shards: Int = 64) {
        self.shards = (0..<Sharding.count(atLeast: shards)).map { _ in MeterShard() }
    }

    /// Counts an outcome for which there is no key.
    public func record(_ verdict: Verdict) { keyless.add(verdict) }

    /// Counts an outcome for a known key; a valid one is also its last use, any other a denial.
    /// - Parameter asked: the permission that the call asked for.
    public func record(
        _ verdict: Verdict, of key: KeyRecord, asked: Permission?, address: IPAddress?, at now: Timestamp
    ) {
        let granted = verdict == .valid ? asked.flatMap { key.permissions.firstIndex(covering: $0) } : nil
        record(
            verdict, key: key.id, organization: key.organization.id, asked: asked,
            granted: granted.map { key.permissions.permissions[$0] }, address: address, at: now)
    }

    /// - Parameter granted: the permission of the key that covered what was asked.
    public func record(
        _ verdict: Verdict, key: KeyID, organization: OrganizationID, asked: Permission?, granted: Permission?,
        address: IPAddress?, at now: Timestamp
    ) {
        let shard = shards[Int(truncatingIfNeeded: key.low) & (shards.count - 1)]
        shard.totals.add(verdict)
        shard.update(key, of: organization) { usage in
            usage.count(verdict, at: now)
            guard verdict == .valid else { return usage.deny(verdict, asked, address, at: now) }
            usage.use(granted, address, at: now)
        }
    }

    /// Takes in the usage that the shards count themselves, from now on.
    func include(_ shards: [CacheShard]) { memory.withLock { $0 += shards } }

    /// Everything counted since the last drain. Once taken it is the caller's; what is not written is lost.
    public func drain() -> UsageBatch {
        var batch = UsageBatch()
        // One shard's memory is the next one's, once it has been read.
        var entries = UsageEntries()
        for shard in memory.withLock({ $0 }) {
            shard.exchangeUsage(&entries)
            entries.append(to: &batch)
            entries.removeAll()
        }
        for shard in shards {
            for (key, usage) in shard.takeAll() { usage.append(to: &batch, key: key) }
        }
        return batch
    }

    /// Outcomes since the start, unknown keys included. A verdict that has not occurred is 0.
    public var totals: [Verdict: UInt64] {
        var totals: [Verdict: UInt64] = [:]
        for verdict in Verdict.allCases {
            totals[verdict] = shards.reduce(keyless[verdict]) { $0 + $1.totals[verdict] }
        }
        totals[.valid, default: 0] += memory.withLock({ $0 }).reduce(0) { $0 + $1.validCount }
        return totals
    }
}

private final class MeterShard: Sendable {
    let totals = VerdictCounters()
    private let usage = Guarded<[KeyID: KeyUsage]>([:])

    func update(_ key: KeyID, of organization: OrganizationID, _ body: (inout KeyUsage) -> Void) {
        usage.withLock { body(&$0[key, default: KeyUsage(organization: organization)]) }
    }

    func takeAll() -> [KeyID: KeyUsage] {
        usage.withLock { usage in
            let taken = usage
            usage = [:]
            return taken
        }
    }
}

/// One counter for each verdict.
private final class VerdictCounters: Sendable {
    private let counters = InlineArray<12, Atomic<UInt64>> { _ in Atomic(0) }

    func add(_ verdict: Verdict) { counters[verdict.position].wrappingAdd(1, ordering: .relaxed) }

    subscript(verdict: Verdict) -> UInt64 { counters[verdict.position].load(ordering: .relaxed) }
}
