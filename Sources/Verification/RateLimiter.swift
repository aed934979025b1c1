/// How often each key, and each organization, has called in its current window. In memory, exact, and shared by
/// all threads: of any number of calls at once no more are admitted than the policy says.
public final class RateLimiter: Sendable {
    private let keys: [Shard<KeyKind>]
    private let organizations: [Shard<OrganizationKind>]

    /// - Parameter shards: how many locks share the keys; rounded up to a power of two.
    public init(shards: Int = 64) {
        let count = Sharding.count(atLeast: shards)
        keys = (0..<count).map { _ in Shard() }
        organizations = (0..<count).map { _ in Shard() }
    }

    /// Takes `cost` from the key's window and the organization's, or from neither.
    ///
    /// - Parameters:
    ///   - organization: the policy that all its keys share, where it has one.
    ///   - cost: 0…1000; a call of cost 0 is always admitted.
    /// - Returns: the state of the policy that refused; where none did, of the one with less left.
    public func take(
        key: KeyID, policy: RateLimitPolicy, organization: (OrganizationID, RateLimitPolicy)? = nil, cost: Int,
        now: Timestamp
    ) -> (admitted: Bool, state: RateLimitState) {
        let own = shard(of: key).take(cost, of: key, policy, now)
        guard let (id, shared) = organization, own.admitted else {
            return (own.admitted, own.state("default", policy, now))
        }
        let whole = shard(of: id).take(cost, of: id, shared, now)
        guard whole.admitted else {
            // No two locks are ever held at once, so the key's share is reserved above and given back here.
            shard(of: key).giveBack(cost, of: key, window: own.window, policy)
            return (false, whole.state("organization", shared, now))
        }
        return (true, tighter(own.state("default", policy, now), whole.state("organization", shared, now)))
    }

    /// What `take` would answer, taking nothing.
    public func peek(
        key: KeyID, policy: RateLimitPolicy, organization: (OrganizationID, RateLimitPolicy)? = nil, cost: Int,
        now: Timestamp
    ) -> (admitted: Bool, state: RateLimitState) {
        let own = shard(of: key).peek(cost, of: key, policy, now)
        guard let (id, shared) = organization, own.admitted else {
            return (own.admitted, own.state("default", policy, now))
        }
        let whole = shard(of: id).peek(cost, of: id, shared, now)
        guard whole.admitted else { return (false, whole.state("organization", shared, now)) }
        return (true, tighter(own.state("default", policy, now), whole.state("organization", shared, now)))
    }

    /// Windows in memory, past ones that are not yet swept included.
    public var count: Int {
        keys.reduce(0) { $0 + $1.count } + organizations.reduce(0) { $0 + $1.count }
    }

    private func shard(of key: KeyID) -> Shard<KeyKind> { keys[Int(truncatingIfNeeded: key.low) & (keys.count - 1)] }

    private func shard(of organization: OrganizationID) -> Shard<OrganizationKind> {
        organizations[Int(truncatingIfNeeded: organization.low) & (organizations.count - 1)]
    }

    private func tighter(_ own: RateLimitState, _ whole: RateLimitState) -> RateLimitState {
        whole.remaining < own.remaining ? whole : own
    }
}

/// The windows of some of the holders, under one lock.
private final class Shard<Kind: IdentifierKind>: Sendable {
    private let windows = Guarded(Windows<Kind>())

    func take(_ cost: Int, of holder: Identifier<Kind>, _ policy: RateLimitPolicy, _ now: Timestamp) -> Outcome {
        windows.withLock { windows in
            let outcome = windows.outcome(cost, of: holder, policy, now)
            windows.keep(outcome, of: holder, policy, now)
            return outcome
        }
    }

    func peek(_ cost: Int, of holder: Identifier<Kind>, _ policy: RateLimitPolicy, _ now: Timestamp) -> Outcome {
        windows.withLock { $0.outcome(cost, of: holder, policy, now) }
    }

    func giveBack(_ cost: Int, of holder: Identifier<Kind>, window: Int64, _ policy: RateLimitPolicy) {
        windows.withLock { $0.giveBack(cost, of: holder, window: window, policy) }
    }

    var count: Int { windows.withLock { $0.count } }
}

/// Whether a call fits, and what is used of its window, with the call's cost where it was admitted.
private struct Outcome {
    let admitted: Bool
    let used: Int
    let window: Int64

    func state(_ name: String, _ policy: RateLimitPolicy, _ now: Timestamp) -> RateLimitState {
        RateLimitState(name, policy, used: used, window: window, now: now)
    }
}

private struct Windows<Kind: IdentifierKind> {
    private struct Window {
        var length: Int
        var index: Int64
        var used: Int

        func hasEnded(at now: Timestamp) -> Bool { (index + 1) * Int64(length) <= now.seconds }
    }

    private var current: [Identifier<Kind>: Window] = [:]
    private var sweepAbove = 256

    var count: Int { current.count }

    func outcome(_ cost: Int, of holder: Identifier<Kind>, _ policy: RateLimitPolicy, _ now: Timestamp) -> Outcome {
        var index = policy.windowIndex(at: now)
        var used = 0
        if let known = current[holder], known.length == policy.windowSeconds, known.index >= index {
            // Threads read the clock before they get here, so one may come late with the past window's time. It
            // counts in the window that has begun, for the past one's count is gone.
            index = known.index
            used = known.used
        }
        // Not `used + cost`, which a hostile cost could overflow.
        let admitted = cost == 0 || cost <= policy.requests - used
        return Outcome(admitted: admitted, used: admitted ? used + cost : used, window: index)
    }

    mutating func keep(_ outcome: Outcome, of holder: Identifier<Kind>, _ policy: RateLimitPolicy, _ now: Timestamp) {
        guard outcome.admitted, outcome.used > 0 else { return }
        current[holder] = Window(length: policy.windowSeconds, index: outcome.window, used: outcome.used)
        if current.count > sweepAbove { sweep(now) }
    }

    mutating func giveBack(_ cost: Int, of holder: Identifier<Kind>, window: Int64, _ policy: RateLimitPolicy) {
        guard let known = current[holder], known.length == policy.windowSeconds, known.index == window else { return }
        current[holder]?.used = max(0, known.used - cost)
    }

    /// Drops the windows that have ended. The next sweep waits until what is left has doubled, so a sweep costs
    /// each insertion a constant and memory is at most twice what is in use.
    private mutating func sweep(_ now: Timestamp) {
        current = current.filter { !$0.value.hasEnded(at: now) }
        sweepAbove = max(256, 2 * current.count)
    }
}
