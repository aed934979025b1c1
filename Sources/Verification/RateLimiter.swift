/// How often each key, and each organization, has called in its current window. In memory, exact, and shared by
/// all threads: of any number of calls at once no more are admitted than the policy says.
///
/// The windows of keys whose records are in memory stand there, beside the record (`RecordCache`); here are those of
/// all others, and those of organizations.
public final class RateLimiter: Sendable {
    private let keys: [Shard<KeyKind>]
    private let organizations: [Shard<OrganizationKind>]

    /// - Parameter shards: how many locks share the keys; rounded up to a power of two.
    public init(shards: Int = 64) {
        let count = Sharding.count(atLeast: shards)
        keys = (0..<count).map { _ in Shard() }
        organizations = (0..<count).map { _ in Shard() }
    }

    /// Windows held here, past ones that are not yet swept included.
    public var count: Int {
        keys.reduce(0) { $0 + $1.count } + organizations.reduce(0) { $0 + $1.count }
    }

    /// - Parameter cost: 0…1000; a call of cost 0 is always admitted.
    func take(_ cost: Int, of key: KeyID, _ policy: RateLimitPolicy, _ now: Timestamp) -> Admission {
        shard(of: key).take(cost, of: key, policy, now)
    }

    func take(_ cost: Int, of organization: OrganizationID, _ policy: RateLimitPolicy, _ now: Timestamp) -> Admission {
        shard(of: organization).take(cost, of: organization, policy, now)
    }

    /// What `take` would answer, taking nothing.
    func peek(_ cost: Int, of key: KeyID, _ policy: RateLimitPolicy, _ now: Timestamp) -> Admission {
        shard(of: key).peek(cost, of: key, policy, now)
    }

    func peek(_ cost: Int, of organization: OrganizationID, _ policy: RateLimitPolicy, _ now: Timestamp) -> Admission {
        shard(of: organization).peek(cost, of: organization, policy, now)
    }

    /// Adds to a shared window.
    func grant(_ amount: Int, to holder: LimitHolder, _ policy: RateLimitPolicy, end: Int64, _ now: Timestamp) {
        switch holder {
        case .key(let id): shard(of: id).grant(amount, to: id, policy, end: end, now)
        case .organization(let id): shard(of: id).grant(amount, to: id, policy, end: end, now)
        }
    }

    /// Undoes a `take` of the window with this end.
    func giveBack(_ cost: Int, of key: KeyID, end: Int64) { shard(of: key).giveBack(cost, of: key, end: end) }

    /// Takes in the window of a key whose record leaves memory.
    func park(_ window: RateWindow, of key: KeyID, _ policy: RateLimitPolicy, _ now: Timestamp) {
        if window.used > 0, window.end > now.seconds { shard(of: key).park(window, of: key, policy, now) }
    }

    /// Gives the window of a key whose record comes into memory.
    func unpark(_ key: KeyID, _ policy: RateLimitPolicy) -> RateWindow { shard(of: key).unpark(key, policy) }

    private func shard(of key: KeyID) -> Shard<KeyKind> { keys[Int(truncatingIfNeeded: key.low) & (keys.count - 1)] }

    private func shard(of organization: OrganizationID) -> Shard<OrganizationKind> {
        organizations[Int(truncatingIfNeeded: organization.low) & (organizations.count - 1)]
    }
}

/// The windows of some of the holders, under one lock.
private final class Shard<Kind: IdentifierKind>: Sendable {
    private let windows = Guarded(Windows<Kind>())

    var count: Int { windows.withLock { $0.current.count } }

    func take(_ cost: Int, of holder: Identifier<Kind>, _ policy: RateLimitPolicy, _ now: Timestamp) -> Admission {
        windows.withLock { windows in
            var window = windows[holder, policy]
            let admission = window.take(cost, policy, now)
            if admission.isAdmitted, admission.used > 0 { windows.keep(window, of: holder, policy, now) }
            return admission
        }
    }

    func peek(_ cost: Int, of holder: Identifier<Kind>, _ policy: RateLimitPolicy, _ now: Timestamp) -> Admission {
        windows.withLock { $0[holder, policy].peek(cost, policy, now) }
    }

    func grant(
        _ amount: Int, to holder: Identifier<Kind>, _ policy: RateLimitPolicy, end: Int64, _ now: Timestamp
    ) {
        windows.withLock { windows in
            var window = windows[holder, policy]
            window.grant(amount, policy, end: end)
            windows.keep(window, of: holder, policy, now)
        }
    }

    func giveBack(_ cost: Int, of holder: Identifier<Kind>, end: Int64) {
        windows.withLock { $0.current[holder]?.window.giveBack(cost, end: end) }
    }

    func park(_ window: RateWindow, of holder: Identifier<Kind>, _ policy: RateLimitPolicy, _ now: Timestamp) {
        windows.withLock { $0.keep(window, of: holder, policy, now) }
    }

    func unpark(_ holder: Identifier<Kind>, _ policy: RateLimitPolicy) -> RateWindow {
        windows.withLock { windows in
            defer { windows.current[holder] = nil }
            return windows[holder, policy]
        }
    }
}

private struct Windows<Kind: IdentifierKind> {
    var current: [Identifier<Kind>: (window: RateWindow, seconds: Int)] = [:]
    private var sweepAbove = 256

    /// A window of another length counts for nothing.
    subscript(holder: Identifier<Kind>, policy: RateLimitPolicy) -> RateWindow {
        guard let known = current[holder], known.seconds == policy.windowSeconds else { return .none }
        return known.window
    }

    mutating func keep(
        _ window: RateWindow, of holder: Identifier<Kind>, _ policy: RateLimitPolicy, _ now: Timestamp
    ) {
        current[holder] = (window, policy.windowSeconds)
        if current.count > sweepAbove { sweep(now) }
    }

    /// Drops the windows that have ended. The next sweep waits until what is left has doubled, so a sweep costs
    /// each insertion a constant and memory is at most twice what is in use.
    private mutating func sweep(_ now: Timestamp) {
        current = current.filter { $0.value.window.end > now.seconds }
        sweepAbove = max(256, 2 * current.count)
    }
}
