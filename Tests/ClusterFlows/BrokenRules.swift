import KeybearerTestHarness
import Testing

/// The test of the test: nodes that break a rule of the protocol are caught by the same load and the same checker. What
/// cannot be brought about from outside, such as a clock that runs too fast, is broken in the simulator.
@Suite(.serialized) struct `Broken rules are noticed` {
    private struct Attempt: Sendable {
        let rule: String
        let mishaps: [[Mishap]]
        var milliseconds = 3000
    }

    private static let attempts: [Attempt] = [
        Attempt(rule: "revokeWaits", mishaps: [[.notificationsLost(1, milliseconds: 2000)]]),
        Attempt(
            rule: "acknowledgementFollowsPublication",
            mishaps: [[.slowAnswers(1, by: 120, milliseconds: 2500)]]),
        Attempt(rule: "fencedNodeStops", mishaps: [[.nodePaused(1, milliseconds: 3600)]], milliseconds: 5000),
        Attempt(
            rule: "clockIsReadForEachRequest", mishaps: [[.requestsHeld(1, milliseconds: 2500)]]),
    ]

    @Test(arguments: attempts.map(\.rule)) func `by the checker`(_ rule: String) async throws {
        let attempt = try #require(Self.attempts.first { $0.rule == rule })
        let trio = try await Trio(breaking: rule)
        let load = Load(trio.nodes.map(\.verificationPort), threadsPerNode: 8)
        var violations: [String] = []
        for _ in 0..<6 where violations.isEmpty {
            violations = try await Schedule(trio: trio, load: load)
                .run(attempt.mishaps, milliseconds: attempt.milliseconds).violations
        }
        _ = load.stop()
        #expect(!violations.isEmpty, "\(rule) is broken and nobody noticed")
    }

    @Test func `and a history is judged by its order`() {
        func history(_ accepted: Int64, _ alterations: Alteration...) -> SubjectHistory {
            SubjectHistory(
                alterations: alterations,
                acceptances: [Acceptance(node: 0, sent: accepted, received: accepted + 5)])
        }
        let denied = Alteration(kind: .denies, invoked: 10, returned: 20)
        #expect(history(21, denied).violations.count == 1)
        #expect(history(20, denied).violations.isEmpty)
        #expect(history(21, Alteration(kind: .denies, invoked: 10, returned: nil)).violations.isEmpty)
        #expect(history(40, denied, Alteration(kind: .allows, invoked: 30, returned: 35)).violations.isEmpty)
        #expect(history(24, denied, Alteration(kind: .allows, invoked: 30, returned: 35)).violations.count == 1)
        #expect(history(26, denied, Alteration(kind: .allows, invoked: 30, returned: 35)).violations.isEmpty)
        let unknown = Alteration(kind: .allows, invoked: 5, returned: nil)
        #expect(history(40, unknown, denied).violations.isEmpty)
        let again = Alteration(kind: .denies, invoked: 40, returned: 50)
        #expect(
            history(51, denied, Alteration(kind: .allows, invoked: 30, returned: 35), again).violations.count == 1)
    }
}
