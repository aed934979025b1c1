import KeybearerVerification
import Testing

@Suite(.timeLimit(.minutes(5))) struct CacheConfusionTests {
    private struct Context {
        let key: Int
        let request: AccessRequest
        let at: Timestamp
    }

    private let keys = [
        KeyFixture(number: 0, expiresAt: noon.adding(seconds: 50), granted: ["project:*"]),
        KeyFixture(number: 1, granted: ["project/p1:read"], allowed: ["203.0.113.9", "2001:db8::1"]),
        KeyFixture(number: 2, isSuspended: true, granted: ["*:*"]),
        KeyFixture(number: 3, overlapEndsAt: noon.adding(seconds: 30), granted: ["*:read"], ceiling: ["project:read"]),
        KeyFixture(number: 4, isDisabled: true), KeyFixture(number: 5, isRevoked: true),
        KeyFixture(number: 6, granted: []),
    ]

    private func contexts() throws -> [Context] {
        let asked = try [nil, "project:read", "project/p1:read", "project/p2:deploy", "billing:read"]
            .map { try $0.map(permission) }
        let places = try [nil, "203.0.113.9", "::ffff:203.0.113.9", "198.51.100.1", "2001:db8::1"]
            .map { try $0.map(address) }
        let times = [noon, noon.adding(seconds: 30), noon.adding(seconds: 50)]
        // One key more than there are: the last is unknown.
        return (0...keys.count).flatMap { key in
            asked.flatMap { permission in
                places.flatMap { address in
                    times.map {
                        Context(key: key, request: AccessRequest(permission: permission, address: address), at: $0)
                    }
                }
            }
        }
    }

    /// Straight from a record made for the purpose, with nothing kept in between.
    private func reference(_ context: Context) throws -> Verdict {
        guard context.key < keys.count else { return .notFound }
        return try keys[context.key].record().decide(context.request, now: context.at)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `A43 the same keys in permuted contexts are answered as if nothing were cached`(seed: UInt64) async throws {
        var random = SeededRandom(seed: seed)
        // The smaller cache holds three or four of the records, so that they come and go.
        for capacity in [1 << 20, 64 * 4 << 10] {
            let bench = try Bench(capacityInBytes: capacity)
            for key in keys { bench.source.put(try key.record()) }
            for context in try contexts().shuffled(using: &random) {
                bench.clock.set(context.at)
                let credential: PresentedCredential =
                    Bool.random(using: &random)
                    ? .text(try keyText(UInt64(context.key)))
                    : .digest(KeyDigest(ofText: try keyText(UInt64(context.key))))
                let decision = await bench.verifier.verify(credential, context.request)
                let expected = try reference(context)
                if decision.verdict != expected {
                    Issue.record("\(decision.verdict) for \(expected), seed \(seed): \(context)")
                }
                if let record = decision.record, record.id != identifier(UInt64(context.key)) {
                    Issue.record("another key's record, seed \(seed)")
                }
            }
        }
    }

    @Test func `A43 verifications from many threads at once agree with the reference`() async throws {
        let bench = try Bench()
        for key in keys { bench.source.put(try key.record()) }
        let contexts = try contexts().filter { $0.at == noon }
        let expected = try contexts.map(reference)
        let texts = try (0...keys.count).map { try keyText(UInt64($0)) }
        await withTaskGroup { group in
            for task in 0..<4 {
                group.addTask {
                    var random = SeededRandom(seed: UInt64(task))
                    for index in contexts.indices.shuffled(using: &random) {
                        let context = contexts[index]
                        let decision = await bench.verifier.verify(.text(texts[context.key]), context.request)
                        if decision.verdict != expected[index] { Issue.record("\(decision.verdict) for \(context)") }
                    }
                }
            }
        }
        let counted = bench.meter.drain().hourly.reduce(0) { $0 + $1.count }
        #expect(counted == 4 * contexts.count { $0.key < keys.count })
    }
}
