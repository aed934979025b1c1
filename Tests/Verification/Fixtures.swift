import Synchronization
import Testing

@testable import KeybearerVerification

/// SplitMix64 (Steele, Lea and Flood, 2014): the same seed draws the same numbers, so that a failure can be replayed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

let noon = Timestamp(seconds: 1_795_262_400)

func identifier<Kind: IdentifierKind>(_ number: UInt64) -> Identifier<Kind> {
    Identifier(high: 0x0199_0000_0000_7000, low: 0x8000_0000_0000_0000 | number)
}

func permission(_ text: String) throws -> Permission { try #require(Permission(text)) }

func permissions(_ texts: String...) throws -> PermissionSet { PermissionSet(try texts.map(permission)) }

func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

func policy(_ requests: Int, per seconds: Int) throws -> RateLimitPolicy {
    try #require(RateLimitPolicy(requests: requests, windowSeconds: seconds))
}

func format(_ prefix: String = "sk") throws -> KeyFormat { try #require(KeyFormat(prefix: prefix)) }

/// The text of the key with this number, for tests that need many.
func keyText(_ number: UInt64) throws -> [UInt8] {
    var random = SeededRandom(seed: number)
    return try format().text(
        secret: (0..<KeyFormat.secretLength).map { _ in UInt8.random(in: 0...255, using: &random) })
}

/// What a test says of a key; the rest is that of a key for which everything is fine.
struct KeyFixture {
    var number: UInt64 = 1
    var organizationNumber: UInt64 = 1
    var isSuspended = false
    var organizationLimit: RateLimitPolicy?
    var isRevoked = false
    var isDisabled = false
    var expiresAt: Timestamp?
    var overlapEndsAt: Timestamp?
    var granted = ["project:deploy"]
    var ceiling: [String]?
    var allowed: [String] = []
    var limit = (requests: 1_000_000, windowSeconds: 60)
    /// Whether other nodes count against the same limits.
    var sharesLimits = false
    var isStrict = false
    var name = "Invented key"
    var peppers = Peppers.none

    func digest() throws -> KeyDigest { KeyDigest(ofText: try keyText(number)) }

    func record() throws -> KeyRecord {
        let held = try granted.map(permission)
        let own = try policy(limit.requests, per: limit.windowSeconds)
        return KeyRecord(
            id: identifier(number),
            organization: OrganizationFacts(
                id: identifier(organizationNumber), slug: "acme", planName: "pro", isSuspended: isSuspended,
                rateLimit: sharesLimits ? organizationLimit?.shared : organizationLimit, isStrict: isStrict),
            digest: peppers.seal(try digest()), name: name, preview: "sk_a1b2c3…9f0e", isRevoked: isRevoked,
            isDisabled: isDisabled, expiresAt: expiresAt, overlapEndsAt: overlapEndsAt, grantedTexts: granted,
            permissions: PermissionSet(held), ceiling: try ceiling.map { PermissionSet(try $0.map(permission)) },
            allowedAddresses: try allowed.map { try #require(CIDRBlock($0)) },
            createdBy: Creator(kind: .user, id: "usr_1", name: "Ana"), labels: [],
            rateLimit: sharesLimits ? own.shared : own)
    }
}

/// Whether both are the same block of memory.
func === (left: KeyRecord?, right: KeyRecord?) -> Bool { left?.own.block.toOpaque() == right?.own.block.toOpaque() }

/// A value that several tasks of a test write to.
final class Tally<Value: Sendable>: Sendable {
    private let state: Guarded<Value>

    init(_ value: Value) { state = Guarded(value) }

    var value: Value { state.withLock { $0 } }

    func change(_ body: @Sendable (inout Value) -> Void) { state.withLock { body(&$0) } }
}

/// A clock that tests set.
final class TestClock: Sendable {
    private let time: Atomic<Int64>

    init(_ start: Timestamp = noon) { time = Atomic(start.microseconds) }

    var wall: WallClock { WallClock { self.now } }
    var now: Timestamp { Timestamp(microseconds: time.load(ordering: .relaxed)) }
    func set(_ now: Timestamp) { time.store(now.microseconds, ordering: .relaxed) }
}

/// Records in a dictionary, as the second conformer of the source: it can be made slow, stuck or broken.
final class TestSource: KeyRecordSource {
    struct Unreachable: Error {}

    private struct State {
        var records: [StoredDigest: KeyRecord] = [:]
        var reads = 0
        var questions = 0
        var isBroken = false
        var beforeAnswer: @Sendable () async -> Void = {}
    }

    private let state = Guarded(State())

    /// Digests asked for.
    var reads: Int { state.withLock { $0.reads } }
    /// Times asked.
    var questions: Int { state.withLock { $0.questions } }

    func put(_ record: KeyRecord) { state.withLock { $0.records[record.digest] = record } }
    func remove(_ record: KeyRecord) { state.withLock { $0.records[record.digest] = nil } }
    func breakDown(_ isBroken: Bool = true) { state.withLock { $0.isBroken = isBroken } }

    /// Runs after a read and before its answer is given.
    func beforeAnswer(_ body: @escaping @Sendable () async -> Void) { state.withLock { $0.beforeAnswer = body } }

    func records(under names: [[StoredDigest]]) async throws -> [KeyRecord?] {
        let (found, isBroken, pause) = state.withLock { state in
            state.reads += names.count
            state.questions += 1
            let found = names.map { digests in digests.compactMap { state.records[$0] }.first }
            return (found, state.isBroken, state.beforeAnswer)
        }
        await pause()
        if isBroken { throw Unreachable() }
        return found
    }
}

/// A lease that tests grant and take away.
final class TestFreshness: Freshness {
    struct Unreachable: Error {}

    private struct State {
        var isCurrent = true
        var revision: Int64 = 7
        var catchUps = 0
        var onCatchUp: @Sendable () throws -> (isCurrent: Bool, revision: Int64) = { (true, 7) }
    }

    private let state = Guarded(State())

    var revision: Int64 { state.withLock { $0.revision } }
    var catchUps: Int { state.withLock { $0.catchUps } }

    func isCurrent() -> Bool { state.withLock { $0.isCurrent } }
    func expire() { state.withLock { $0.isCurrent = false } }

    func onCatchUp(_ body: @escaping @Sendable () throws -> (isCurrent: Bool, revision: Int64)) {
        state.withLock { $0.onCatchUp = body }
    }

    func catchUp() async throws {
        let body = state.withLock { state in
            state.catchUps += 1
            return state.onCatchUp
        }
        let (isCurrent, revision) = try body()
        state.withLock { state in
            state.isCurrent = isCurrent
            state.revision = revision
        }
    }
}

/// A verifier with all its parts, which tests look into.
struct Bench {
    let source = TestSource()
    let freshness = TestFreshness()
    let clock = TestClock()
    let limiter = RateLimiter()
    let meter = UsageMeter()
    let cache: RecordCache
    let verifier: Verifier

    init(
        capacityInBytes: Int = 16 << 20, absentCapacity: Int = 65_536, loadDeadline: Duration = .seconds(10),
        peppers: Peppers = .none, grants: (any LimitGrants)? = nil
    ) throws {
        cache = RecordCache(
            capacityInBytes: capacityInBytes, absentCapacity: absentCapacity, loadDeadline: loadDeadline,
            limiter: limiter, meter: meter)
        verifier = Verifier(
            format: try format(), peppers: peppers, cache: cache, source: source, freshness: freshness,
            clock: clock.wall, grants: grants)
    }

    func verify(_ fixture: KeyFixture, _ request: AccessRequest = AccessRequest()) async throws -> Decision {
        await verifier.verify(.text(try keyText(fixture.number)), request)
    }
}
