import Crypto
import KeybearerVerification

/// Nanoseconds for a verification that memory can answer, as a ratio to hashing the key alone in the same run.
@main
enum InProcess {
    static let rounds = 15
    static let callsPerRound = 100_000

    static func main() async throws {
        let fixture = try await Fixture()
        let hashing = median { fixture.hash(callsPerRound) }
        let verifying = median { fixture.verify(callsPerRound) }
        let ratio = Double(verifying) / Double(hashing)
        print("in process, one thread, median of \(rounds) rounds of \(callsPerRound) calls, 1,000 hot keys")
        print("SHA-256 of the key (swift-crypto)      \(hashing) ns")
        print("full verification on a hit             \(verifying) ns")
        print("ratio                                  \((ratio * 100).rounded() / 100)")
    }

    private static func median(_ round: () -> Void) -> Int64 {
        let clock = ContinuousClock()
        round()
        let times = (0..<rounds).map { _ in
            let (seconds, attoseconds) = clock.measure(round).components
            return (seconds * 1_000_000_000 + attoseconds / 1_000_000_000) / Int64(callsPerRound)
        }
        return times.sorted()[rounds / 2]
    }
}

/// A thousand keys that memory holds, with addresses, permissions and limits to be checked.
private struct Fixture {
    private let keys: [[UInt8]]
    private let verifier: Verifier
    private let request: AccessRequest

    init() async throws {
        guard let format = KeyFormat(prefix: "sk"),
            let limit = RateLimitPolicy(requests: 1_000_000_000, windowSeconds: 60),
            let asked = Permission("project/prj_1:deploy"), let address = IPAddress("203.0.113.9")
        else { throw BadFixture() }
        var random = SystemRandomNumberGenerator()
        let keys = (0..<1000).map { _ in
            format.text(secret: (0..<28).map { _ in UInt8.random(in: .min ... .max, using: &random) })
        }
        let clock = WallClock.system()
        let organization = OrganizationFacts(
            id: OrganizationID(at: clock.now(), using: &random), slug: "bench", planName: "bench", isSuspended: false,
            rateLimit: nil)
        var records: [StoredDigest: KeyRecord] = [:]
        for key in keys {
            let digest = Peppers.none.seal(KeyDigest(ofText: key))
            records[digest] = KeyRecord(
                id: KeyID(at: clock.now(), using: &random), organization: organization, digest: digest, name: "bench",
                preview: "bench", isRevoked: false, isDisabled: false, expiresAt: clock.now().adding(seconds: 86_400),
                overlapEndsAt: nil, grantedTexts: ["project:deploy", "project:read"],
                permissions: PermissionSet(["project:deploy", "project:read"].compactMap { Permission($0) }),
                ceiling: nil, allowedAddresses: [CIDRBlock(address)],
                createdBy: Creator(kind: .user, id: "usr", name: "Bench"), labels: [], rateLimit: limit)
        }
        verifier = Verifier(
            format: format, peppers: .none, cache: RecordCache(capacityInBytes: 64 << 20),
            source: Records(records: records), freshness: AlwaysCurrent(), limiter: RateLimiter(), meter: UsageMeter(),
            clock: clock)
        self.keys = keys
        request = AccessRequest(permission: asked, address: address, cost: 1)
        for key in keys where await verifier.verify(.text(key), request).verdict != .valid { throw BadFixture() }
    }

    func hash(_ count: Int) {
        for number in 0..<count { withExtendedLifetime(SHA256.hash(data: keys[number % keys.count])) {} }
    }

    func verify(_ count: Int) {
        for number in 0..<count {
            precondition(verifier.verifyInMemory(.text(keys[number % keys.count]), request)?.verdict == .valid)
        }
    }
}

private struct BadFixture: Error {}

private struct Records: KeyRecordSource {
    let records: [StoredDigest: KeyRecord]

    func record(under digests: [StoredDigest]) async throws -> KeyRecord? {
        digests.lazy.compactMap { records[$0] }.first
    }
}

private struct AlwaysCurrent: Freshness {
    var revision: Int64 { 1 }

    func isCurrent() -> Bool { true }

    func catchUp() async throws {}
}
