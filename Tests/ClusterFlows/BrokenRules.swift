import Foundation
import KeybearerCluster
import KeybearerTestHarness
import Testing

/// The test of the test: where nodes break a rule of the protocol, the same load and the same checker find an acceptance
/// that came too late; in the same schedule they find none where every rule is kept. The simulator does the same with
/// schedules that it draws.
@Suite(.serialized) struct `Broken rules are noticed` {
    /// One server for all, with a database for each three nodes; and three nodes that keep the rules.
    private final class Shared: Sendable {
        let database: ReplicatedPostgreSQL
        let faithful: Trio
        /// A node that is cut off must not refuse only because it was granted no more.
        private static let plans = """
            plans:
              enterprise:
                active_keys: unlimited
                features: [tenant_api_keys]
                rate_limit: {requests: 1000000000, window_seconds: 3600}
            """

        init() async throws {
            database = try ReplicatedPostgreSQL()
            faithful = try await Trio(database, "keybearer", settings: Self.plans)
        }

        func trio(_ name: String, _ provocation: Provocation, breaking rule: Rule?) async throws -> Trio {
            try database.primary.query("CREATE DATABASE \"\(name)\"")
            return try await Trio(
                database, name, leases: provocation.leases, clockRates: provocation.clockRates, breaking: rule,
                settings: Self.plans)
        }
    }

    private static let shared = Task { try await Shared() }

    /// All of them, or those that `KEYBEARER_BROKEN_RULE` names, with commas between them.
    private static let rules =
        ProcessInfo.processInfo.environment["KEYBEARER_BROKEN_RULE"]
        .map { name in Rule.allCases.filter { name.split(separator: ",").contains(Substring($0.rawValue)) } }
        ?? Rule.allCases

    /// A machine that is busy with something else may miss a moment, and then it is tried again: with nodes that break a
    /// rule, whose schedule is to find something. Those that keep it come whenever they are awaited.
    private static let mostAttempts = 5

    @Test(arguments: rules) func `by the checker`(_ rule: Rule) async throws {
        let shared = try await Self.shared.value
        let provocation = Provocation.of(rule)
        let broken = try await shared.trio("\(rule)", provocation, breaking: rule)
        var found: [String] = []
        var attempts = 0
        while found.isEmpty, attempts < Self.mostAttempts {
            attempts += 1
            do {
                found = try await Self.run(provocation, broken).violations
            } catch let missed as Stage.Missed {
                print("\(rule): attempt \(attempts) \(missed)")
            }
        }
        print("\(rule): \(found.count) late acceptances at attempt \(attempts)")
        #expect(!found.isEmpty, "\(rule) is broken and nobody noticed")

        let faithful =
            provocation.isOrdinary
            ? shared.faithful : try await shared.trio("\(rule)-kept", provocation, breaking: nil)
        let history = try await Self.run(provocation, faithful)
        #expect(history.violations.isEmpty, "\(rule): \(history.violations.prefix(3))")
        #expect(history.asked > 100, "\(rule): too few were asked to prove anything")
    }

    private static func run(
        _ provocation: Provocation, _ trio: Trio
    ) async throws -> (violations: [String], asked: Int) {
        let load = Load(trio.nodes.map(\.verificationPort), threadsPerNode: 2, patience: Stage.patience)
        defer { _ = load.stop() }
        let stage = try await Stage(trio, load)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await provocation.schedule(stage))
        } catch {
            outcome = .failure(error)
        }
        try await stage.end()
        try outcome.get()
        let counts = load.stop()
        return (stage.subject.recorded.violations.map(\.description), counts.accepted + counts.refused)
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
