import BenchmarkAllocations
import KeybearerVerification

/// Keys that memory holds, with addresses, permissions and limits to be checked. Their texts lie one after the other
/// in a random order, so that reading them is sequential and what is cold is the table alone.
final class Fixture: Sendable {
    /// An address of 17 bytes, a name of 12 and a preview of 21.
    static let ownBytesPerKey = 17 + 12 + 21

    private let texts: [UInt8]
    private let length: Int
    private let count: Int
    private let verifier: Verifier
    private let meter = UsageMeter()
    private let request: AccessRequest

    var presentedBytes: Int { texts.count }

    init(keys count: Int) async throws {
        guard let format = KeyFormat(prefix: "sk"), let asked = Permission("project/prj_1:deploy"),
            let address = IPAddress("203.0.113.9")
        else { throw BadFixture() }
        let clock = WallClock.system()
        let cache = RecordCache(capacityInBytes: 1 << 30, meter: meter)
        verifier = Verifier(
            format: format, peppers: .none, cache: cache, source: NoSource(), freshness: AlwaysCurrent(), clock: clock)
        request = AccessRequest(permission: asked, address: address, cost: 1)
        self.count = count
        var random = SplitMix64(state: 1)
        let facts = try Self.facts(clock.now())
        let first = format.text(secret: Self.secret(&random))
        let length = first.count
        self.length = length
        var texts = [UInt8](repeating: 0, count: count * length)
        let order = (0..<count).shuffled(using: &random)
        let expiry = clock.now().adding(seconds: 86_400)
        await cache.fill { insert in
            for number in 0..<count {
                let text = format.text(secret: Self.secret(&random))
                texts.replaceSubrange(order[number] * length..<(order[number] + 1) * length, with: text)
                insert(
                    KeyRecord(
                        id: KeyID(at: clock.now(), using: &random), facts: facts[number % facts.count],
                        digest: Peppers.none.seal(KeyDigest(ofText: text)), name: "Invented key",
                        preview: "sk_a1b2c3…9f0e12", isRevoked: false, isDisabled: false, expiresAt: expiry,
                        overlapEndsAt: nil, allowedAddresses: [CIDRBlock(address)], labels: []))
            }
        }
        self.texts = texts
    }

    func drain() { _ = meter.drain() }

    /// - Parameter backwards: for a second thread, which could otherwise come to verify the key that the first one does,
    ///   and go on doing so.
    /// - Returns: how many verifications that was.
    func verifyAll(repetitions: Int = 1, backwards: Bool = false) -> Int {
        for _ in 0..<repetitions {
            verify(backwards ? stride(from: count - 1, through: 0, by: -1) : stride(from: 0, through: count - 1, by: 1))
        }
        return repetitions * count
    }

    private func verify(_ numbers: StrideThrough<Int>) {
        texts.withUnsafeBufferPointer { texts in
            for number in numbers {
                let text = UnsafeBufferPointer(rebasing: texts[number * length..<(number + 1) * length])
                precondition(verifier.verifyInMemory(text: text, request)?.verdict == .valid)
            }
        }
    }

    /// Of the heap, by a thousand hot keys, once each has been seen.
    func allocationsOfAMillion() -> UInt64 {
        _ = verifyAll()
        let before = keybearer_allocations()
        _ = verifyAll(repetitions: 1_000_000 / count)
        return keybearer_allocations() - before
    }

    /// A hundred organizations with two sorts of keys.
    private static func facts(_ now: Timestamp) throws -> [SharedFacts] {
        guard let limit = RateLimitPolicy(requests: 1_000_000_000, windowSeconds: 60) else { throw BadFixture() }
        var random = SystemRandomNumberGenerator()
        return (0..<100).flatMap { number in
            let organization = OrganizationFacts(
                id: OrganizationID(at: now, using: &random), slug: "invented-\(number)", planName: "bench",
                isSuspended: false, rateLimit: nil)
            return [["project:deploy", "project:read"], ["billing:read", "project:*"]].map { granted in
                SharedFacts(
                    organization: organization, grantedTexts: granted,
                    permissions: PermissionSet(granted.compactMap { Permission($0) }), ceiling: nil,
                    createdBy: Creator(kind: .user, id: "usr_\(number)", name: "Invented person"), rateLimit: limit,
                    pepperID: nil)
            }
        }
    }

    private static func secret(_ random: inout SplitMix64) -> [UInt8] {
        (0..<KeyFormat.secretLength).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }
}

/// Steele, Lea and Flood (2014); the same keys in every run, and soon made.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

private struct BadFixture: Error {}

private struct NoSource: KeyRecordSource {
    func records(under names: [[StoredDigest]]) async throws -> [KeyRecord?] { names.map { _ in nil } }
}

private final class AlwaysCurrent: Freshness {
    var revision: Int64 { 1 }

    func isCurrent() -> Bool { true }

    func catchUp() async throws {}
}
