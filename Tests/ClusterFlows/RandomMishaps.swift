import Foundation
import KeybearerTestHarness
import Testing

/// R1 on real parts: once a denial has returned, no node accepts what arrives afterwards, whatever happens to nodes,
/// network and database.
@Suite(.serialized) struct `Random mishaps` {
    /// 40 by default; `KEYBEARER_CLUSTER_SCHEDULES` sets another number, `KEYBEARER_CLUSTER_SEED` the first seed.
    private static let schedules = number("KEYBEARER_CLUSTER_SCHEDULES") ?? 40
    private static let seed = number("KEYBEARER_CLUSTER_SEED") ?? Int(Date().timeIntervalSince1970)

    private static func number(_ name: String) -> Int? { ProcessInfo.processInfo.environment[name].flatMap { Int($0) } }

    @Test func `A8 no acceptance arrives after a denial has returned`() async throws {
        let trio = try await Trio()
        let load = Load(trio.nodes.map(\.verificationPort))
        var (denials, accepted) = (0, 0)
        for number in 0..<Self.schedules {
            var random = Seeded(state: UInt64(Self.seed + number))
            for _ in 0..<8 { _ = random.next() }
            let mishaps = (0..<Int.random(in: 1...2, using: &random)).map { line in
                (0..<Int.random(in: 1...2, using: &random)).map { _ in Mishap.random(using: &random) }
                    .filter { line == 0 || !$0.concernsDatabase }
            }
            let outcome = try await Schedule(trio: trio, load: load).run(mishaps)
            denials += outcome.denials
            accepted += outcome.accepted
            #expect(
                outcome.violations.isEmpty, "seed \(Self.seed + number), \(mishaps): \(outcome.violations.prefix(3))")
        }
        let counts = load.stop()
        print("\(Self.schedules) schedules, first seed \(Self.seed): \(denials) denials returned, \(counts)")
        #expect(denials >= 50 * Self.schedules, "too few changes to prove anything")
        #expect(accepted > 20 * denials, "too few acceptances to prove anything")
        trio.stop()
        #expect(try trio.nodes[0].command("audit", "verify").status == 0)
    }
}
